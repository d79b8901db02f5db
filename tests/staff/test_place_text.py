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
    "N 55 02.412 E 12 12.546",
    "N55 02.412 E012 12.546",
    "55 02,412 N 12 12,546 Ø",
    "GPS: E 12 12.546 N 55 02.412",
    "55 02.412, 12 12.546",
    "55 2 24 12 12 33",
    "55 02 24.7 N, 12 12 32.8 E",
    "UTM 33 321690 6102827",
    "zone 33: 6102827 321690",
    "33U 321690 6102827",
    "UTM33N 321.690 6.102.827",
    "EPSG:25833 321690 6102827",
    "32V 705039 6103973",
    "EPSG:25832 705039 6103973",
    "https://www.bing.com/maps?cp=55.0402~12.2091&lvl=15",
    "bing.com/maps?cp=55.0402~12.2091",
    "https://www.krak.dk/kort?c=55.0402,12.2091,15",
    "krak.dk/kort?c=12.2091,55.0402,15.5",
    "https://kort.example/?sted=55.0402%2C12.2091",
    "https://kort.example/?sted=12.2091%3B55.0402",
    "https://kort.example/#/55.0402/12.2091",
    "https://kort.example/#15.2/55.0402/12.2091",
    "https://kort.example/vis#55.0402;12.2091",
    "55.0402, 12.2091 https://maps.app.goo.gl/x9Yz",
]


@pytest.mark.parametrize("said", FORMS)
def test_each_usual_form_is_the_same_place(said):
    lat, lon = place_in(said)

    assert lat == pytest.approx(NYORD[0], abs=0.003)
    assert lon == pytest.approx(NYORD[1], abs=0.003)


@pytest.mark.parametrize("said", ["", "ved havnen", "48.8566, 2.3522", "55.0402", "0 0", "N 48 51.4 E 2 21.1"])
def test_what_is_no_place_in_denmark_is_told_how_to_write_it(said):
    with pytest.raises(BadInput, match="kortlink"):
        place_in(said)


SHORT_LINKS = [
    "https://maps.app.goo.gl/x9Yz",
    "maps.app.goo.gl/x9Yz",
    "https://goo.gl/maps/abc",
    "https://maps.apple/p/abc",
    "https://www.google.com/maps/place/Nyord",
    "Nyord Havn https://maps.app.goo.gl/x9Yz1255",
    "https://kort.example/?bbox=12.1,55.0,12.3,55.1",
]


@pytest.mark.parametrize("said", SHORT_LINKS)
def test_a_link_that_does_not_hold_the_place_is_not_opened_and_it_is_told_what_to_copy(said):
    with pytest.raises(BadInput, match=r"vi åbner ikke links. Hold en finger på stedet .* “Her, hvor jeg står”"):
        place_in(said)


@pytest.mark.parametrize(
    "said", ["48 55.4 2 12.1", "N 48 55.4 E 2 12.1", "48° 55.4' N 2° 12.1' E", "S 55 02.4 E 12 12.6"]
)
def test_minutes_of_another_land_do_not_become_danish_degrees(said):
    with pytest.raises(BadInput, match="ikke i Danmark"):
        place_in(said)


def test_minutes_beyond_sixty_are_told_so():
    with pytest.raises(BadInput, match="går kun til 60"):
        place_in("N 55 75.0 E 12 12.6")


def test_bare_metres_outside_denmark_say_in_which_zone_they_were_read_and_the_same_with_their_zone_is_read():
    with pytest.raises(BadInput, match=r"læst som UTM zone 32 ligger stedet ikke i Danmark.*skriv “UTM 33” foran"):
        place_in("321690 6102827")

    assert place_in("UTM 33 321690 6102827").lat == pytest.approx(NYORD[0], abs=0.003)


def test_a_zone_that_is_said_is_not_asked_for_again():
    with pytest.raises(BadInput, match="stedet ligger ikke i Danmark"):
        place_in("UTM 32 321690 6102827")


def test_decimals_that_look_like_a_zone_are_degrees():
    assert place_in("12.25833 55.04") == (55.04, 12.25833)
