"""A place as people paste it."""

import pytest

from channels.staff.place_text import place_in
from models.refusal import BadInput

NYORD = (55.0402, 12.2091)
FORMS = [
    "55.0402, 12.2091",
    "55,0402 12,2091",
    "55.0402 N 12.2091 Ø",
    "12.2091 55.0402",
    "55°02'24.7\"N 12°12'32.8\"E",
    "55° 2.412' N, 12° 12.546' Ø",
    "https://www.google.com/maps/place/Nyord/@55.1,12.3,12z/data=!3m1!4b1!4m6!3m5!8m2!3d55.0402!4d12.2091",
    "https://www.google.com/maps/@55.0402,12.2091,17z",
    "https://maps.google.com/?q=55.0402,12.2091",
    "https://www.openstreetmap.org/?mlat=55.0402&mlon=12.2091#map=15/55.1/12.3",
    "https://www.openstreetmap.org/#map=15/55.0402/12.2091",
    "geo:55.0402,12.2091",
    "705039 6103973",
    "UTM32: 705039, 6103973",
    "6.103.973 N 705.039 Ø",
    "705 039 6 103 973",
]


@pytest.mark.parametrize("said", FORMS)
def test_each_usual_form_is_the_same_place(said):
    lat, lon = place_in(said)

    assert lat == pytest.approx(NYORD[0], abs=0.003)
    assert lon == pytest.approx(NYORD[1], abs=0.003)


@pytest.mark.parametrize("said", ["", "ved havnen", "48.8566, 2.3522", "https://goo.gl/maps/abc", "55.0402", "0 0"])
def test_what_is_no_place_in_denmark_is_told_how_to_write_it(said):
    with pytest.raises(BadInput, match="kortlink"):
        place_in(said)
