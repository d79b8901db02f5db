"""Every command that has `--json`, once or more, on one town: what `docs/schema.json` is compared with."""

import shlex
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlmodel import Session

from channels.domain import engine
from config.catalogue import catalogue
from config.settings import SHIPPED_CONFIG, settings
from models.case.facility import find
from models.database import now, transaction
from models.figures.estimates import EstimateProposal
from models.operation.public_report import report_publicly
from models.persons.staff_session import Way, sign_in
from models.place import Degrees
from models.role import Door, Role
from models.stages.enquiry import Sender, Wish, offer_to_help, wish_publicly
from tests.channels.cli import CommandLine, start_anew
from tests.outside.archives import FOLDER
from tests.outside.os2forms_site import KEY, MAPPING, Site

SHELTER, BENCH, THIRD = "VK-2026-0001", "VK-2026-0002", "VK-2026-0003"
PLACE = "--lat 55.04 --lon 12.21 --land-owner municipality --on 2026-01-05"
ROAD = f"""
init {{folder}}/own
group add --name 'Nyord Bylaug' --contact 'Karen Holm;karen@example.org;12345678' --contact 'Ole Juhl;ole@example.org;87654321' --on 2026-01-05
group add --name 'Møn Bylaug' --contact 'Bo Dam;bo@example.org;' --cvr 24256790 --on 2026-01-05
firm add --name 'Møn Tømrer' --cvr 12345674 --mail post@firma.example --on 2026-01-05
firm correct F-0001 --phone 12345678 --on 2026-01-05
firm list
propose --type shelter --name 'Stedet ved Nyord Havn' --group G-0001 {PLACE}
propose --type baenk --name 'Bænk ved kirken' --group G-0002 {PLACE} --start 2026-06-01
group add --name 'Fakse Bylaug' --contact 'Ib Ravn;ib@example.org;' --on 2026-01-05
propose --type baenk --name 'Bænk ved åen' --group G-0003 {PLACE}
facility show {SHELTER}
answer consultation {THIRD} --answer no --reason 'For dyrt' --could-be-yes 'Et andet sted' --on 2026-01-10
facility list --stage refused
consult-again {THIRD} --change Flyttet --on 2026-01-11
answer consultation {SHELTER} --answer conditions --condition 'Sti;project_lead;2026-03-01' --hours-per-year 14 --kr-per-year 6.500 --on 2026-01-12
answer consultation {BENCH} --answer yes --on 2026-01-12
answer agreement {SHELTER} --review approve --insurance municipality --on 2026-01-13
answer agreement {SHELTER} --sign volunteers --name 'Karen Holm' --on 2026-01-14
answer agreement {SHELTER} --sign municipality --name Nielsen --on 2026-01-15
answer agreement {BENCH} --review approve --insurance municipality --on 2026-01-13
answer agreement {BENCH} --sign volunteers --name 'Bo Dam' --on 2026-01-14
answer agreement {BENCH} --sign municipality --name Nielsen --on 2026-01-15
pool appropriate --year 2026 --kr 1.000 --on 2026-01-16
answer funding {BENCH} --decision wait --reason 'Ingen penge' --on 2026-01-17
pool queue --on 2026-01-18
> money
answer funding {SHELTER} --decision grant --on 2026-01-20
answer permit {SHELTER} --permit zone_permit --result granted --case-number 26/1 --on 2026-02-01
answer permit {SHELTER} --permit building_permit --result not_needed --on 2026-02-01
facility correct {SHELTER} --built-by firm --terms AB18 --firm F-0001 --reason Udbudt --on 2026-02-01
answer building {SHELTER} --event started --on 2026-02-10
handover announce {SHELTER} --finished-on 2026-03-20 --on 2026-03-10
handover review {SHELTER} --held-on 2026-03-18 --note Fint --on 2026-03-18
answer building {SHELTER} --event finished --on 2026-03-20
handover call {SHELTER} --meeting-on 2026-04-01 --on 2026-03-21
answer condition {SHELTER} --number 1 --met --on 2026-03-25
facility show {SHELTER}
answer handover {SHELTER} --result accepted_with_defects --defect 'Bræt;2026-05-01' --paper drawing --on 2026-04-01
handover sign {SHELTER} --name 'Per Tømrer, Møn Tømrer' --remarks Enig --on 2026-04-02
handover protocol {SHELTER} --out {{folder}}/protokol.pdf
answer defect {SHELTER} --number 1 --fixed --on 2026-04-20
paper add {SHELTER} {{folder}}/garanti.pdf --what Garanti --kind warranty --on 2026-04-21
paper list {SHELTER}
paper remove {SHELTER} 1 --reason 'Forkert sag' --on 2026-04-21
facility correct-signature {SHELTER} --version 1 --side volunteers --name 'Karen Holm Juhl' --reason Stavefejl --on 2026-04-21
sweep --on 2026-04-10
check list
check list --open
answer check 1 --result ok --minutes 20 --note Fint --on 2026-04-15
check correct 1 --minutes 30 --reason Tastefejl --on 2026-04-16
sweep --on 2026-07-01
sweep --on 2026-07-20
check list --facility VK-2026-0001
answer check 3 --result damaged --note 'Taget er utæt' --on 2026-07-20
incident report {SHELTER} --what Brand --safe no --on 2026-04-17
facility list
answer incident 2 --decision repair --kr 800 --reason Slid --on 2026-04-18
work order {SHELTER} --what 'Mal gavlen' --due 2026-05-30 --minutes 60 --kr 500 --on 2026-04-18
work order {SHELTER} --what 'Ret stolpen' --due 2026-05-30 --on 2026-04-18
work list
answer inspection 1 --held-on 2026-05-10 --result ok --note Fint --on 2026-07-20
work take 1 --on 2026-07-20
work done 1 --minutes 50 --kr 300 --invoice F-118 --note Malet --on 2026-07-20
work correct 1 --minutes 45 --reason Tastefejl --on 2026-07-20
work drop 5 --reason 'Ikke nødvendigt' --on 2026-07-20
pool compare {{folder}}/betalt.csv
incident made-safe 2 --how 'Spærret af' --on 2026-04-18
incident list --open
answer usable 2 --on 2026-04-19
answer insurance {SHELTER} --cover association --reference F-1 --from 2026-05-01 --on 2026-04-19
answer satisfaction {SHELTER} --side volunteers --score 4 --on 2026-04-19
pause {SHELTER} --from 2026-05-01 --until 2026-05-20 --on 2026-04-20
pool show
pool show --year 2026
pool transfer --from 2026 --to 2027 --kr 100,50 --reason Flyt --on 2026-04-21
pool index --year 2027 --rate 2,6 --source KL --on 2026-04-21
pool correct --year 2026 --kr 50,25 --reason Fejl --on 2026-04-21
pool forecast --years 4 --on 2026-04-23
pool ledger
pool ledger --year 2026 --facility {SHELTER} --verify
facility show {SHELTER}
facility timeline {SHELTER}
find Nyord
find udtjent
group list
group mails G-0001 --pace each --on 2026-04-26
contact add G-0001 --contact 'Per Lund;per@example.org;' --on 2026-04-24
contact change G-0001 --mail karen@example.net --on 2026-04-24
contact change G-0001 --name 'Karen Holm Juhl' --on 2026-04-24
group correct G-0001 --name 'Nyord Bylaug og Venner' --cvr '' --reason Stavefejl --on 2026-04-24
contact leave G-0001 --contact 3 --on 2026-04-25
link make group G-0001
link revoke --group G-0001 --on 2026-04-26
> signed_in
person-sign-in list
person-sign-in revoke 1
stand-in add O-1a2b3c4d --role leader --from 2026-05-01 --until 2026-12-31 --on 2026-04-26
stand-in list
stand-in end 1 --on 2026-04-26
calendar make --role operations --on 2026-04-26
calendar list
calendar revoke 1 --on 2026-04-26
> report
suggestion list
suggestion confirm 1 --on 2026-04-27
suggestion dismiss 2 --on 2026-04-27
suggestion list --all
sign {SHELTER} --out {{folder}}/skilt.pdf --on 2026-04-28
export csv facilities --out {{folder}}/a.csv
export xlsx ledger --out {{folder}}/a.xlsx
export geojson --out {{folder}}/a.geojson
export gpkg --out {{folder}}/a.gpkg
export geofa --out {{folder}}/geofa.geojson
import geofa {{folder}}/geofa.geojson
export ics --group G-0001 --out {{folder}}/a.ics --on 2026-04-28
import template --out {{folder}}/skabelon.xlsx
import facilities {{folder}}/anlaeg.csv --on 2026-04-28
import facilities {{folder}}/anlaeg.csv --apply --on 2026-04-28
!import facilities {{folder}}/forkert.csv --on 2026-04-28
group import {{folder}}/grupper.csv --on 2026-04-28
facility list --never-consulted
facility list --without-insurance
report places-to-decide --out {{folder}}/udvalg --on 2026-04-28
committee paper places-to-decide --out {{folder}}/udvalg --on 2026-04-28
pool replace VK-2026-0004 --kr 500 --reason Udtjent --on 2026-04-28
facility show VK-2026-0004
facility list
deliver
migrate
doctor
person export karen@example.net --on 2026-04-29
api-key make --scope read --label GIS --on 2026-04-29
api-key make --scope decide:consultation --role operations --expires 2026-12-31 --on 2026-04-29
api-key revoke A-02 --on 2026-04-29
api-key list
group invite G-0001 --on 2026-04-29
group message --all --subject Tak --text 'Tak for i år.' --on 2026-04-29
weather start storm --on 2026-04-29
weather list
weather end storm --on 2026-04-29
weather read {{folder}}/varsler.csv --on 2026-04-29
webhook add https://93.184.216.34/driftsklar --on 2026-04-29
webhook replay 1 --from 2026-04-01 --on 2026-04-29
webhook list
webhook remove 1 --on 2026-04-29
> others
fetch os2forms --on 2026-04-29
archive link {SHELTER} {SHELTER} --on 2026-04-29
archive send {BENCH} --on 2026-04-29
archive list
export finance --month 2026-03 --out {{folder}}/marts.csv --on 2026-04-29
person export karen@example.net --out {{folder}}/karen --on 2026-04-29
case {SHELTER} --out {{folder}}/sag --case-number 26/7
person erase karen@example.net --on 2026-04-30
inspection list
wind-down {SHELTER} --reason Slut --on 2026-12-01
answer winding-down {SHELTER} --outcome operations --on 2026-12-10
inspection summon 2 --meeting-on 2027-03-31 --on 2027-02-15
inspection letter 2 --out {{folder}}/indkaldelse.pdf
firm leave F-0001 --on 2027-02-16
firm take-again F-0001 --on 2027-02-17
report --year 2026 --out {{folder}}/beretning --on 2027-02-01
> estimate
answer estimate shelter --year 2026 --leave --reason 'Et enkelt år' --on 2027-02-10
pool carry-over --year 2026 --kr 500 --on 2027-01-10
pool close --year 2026 --on 2027-02-20
backup --to {{folder}}/kopi.tar.gz
> enquiries
enquiry list
enquiry show 1
enquiry take 1 --new-group 'Møllens Venner' --on 2026-04-29
enquiry take 3 --type baenk --name 'Bænk ved skolen' --new-group Skolelauget --land-owner municipality --on 2026-04-29
enquiry decline 2 --reason 'Der står en bænk i forvejen.' --on 2026-04-29
enquiry settle 5 --on 2026-04-29
enquiry spam 6 --on 2026-04-29
enquiry erase 2 --on 2026-04-29
enquiry list --all
person export ny@example.org
> empty
restore {{folder}}/kopi.tar.gz
"""


class Printed(NamedTuple):
    """What a command printed."""

    words: str
    out: str


def live(cli: CommandLine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Printed]:
    """Call them all. A line with `!` ends in bad input; one with `>` is what no command does."""
    _write_sheets(folder)
    for line in filter(None, ROAD.splitlines()):
        if line == "> empty":
            monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", f"sqlite:///{folder / 'again.db'}")
            monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", str(folder / "again"))
            start_anew()
        elif line == "> money":
            cli.fill_the_pool()
        elif line == "> others":
            _others(folder, monkeypatch)
        elif line.startswith(">"):
            with transaction(engine()) as session:
                _REST[line](session)
        else:
            words = shlex.split(line.removeprefix("!").format(folder=folder))
            reply = cli(*words, "--json")
            assert reply.code == (2 if line.startswith("!") else 0), (line, reply)
            yield Printed(" ".join(words), reply.out)


def _write_sheets(folder: Path) -> None:
    head = "Nummer;Type;Navn;Adresse;Ejer;Opført;Timer pr. år;Gruppe\n"
    (folder / "anlaeg.csv").write_text(f"{head}B-1;Bænk;Bænk ved søen;Søvej 1;kommunen;1990;3;\n", encoding="utf-8")
    (folder / "varsler.csv").write_text(
        "Nummer;Hvad;Til\nB-7;afbrændingsforbud;03-08-2026\nB-8;storm;01-01-2026\n", encoding="utf-8"
    )
    (folder / "betalt.csv").write_text("Faktura;Beløb;Dato\nF-118;450;03-08-2026\nX-7;99;\n", encoding="utf-8")
    (folder / "garanti.pdf").write_bytes(b"%PDF-1.7\n%%EOF\n")
    (folder / "forkert.csv").write_text(f"{head}B-2;Hytte;Bænk;;kommunen;;mange;\n", encoding="utf-8")
    people = "Gruppe;Kontaktperson;Mail\nStege Bylaug;Eva Bo;eva@example.org\n"
    (folder / "grupper.csv").write_text(people, encoding="utf-8")


def _others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An OS2Forms site where two proposals were sent, and a folder as the archive with a case in it."""
    site = Site()
    site.send(files={"tegning.pdf": b"%PDF-1.4"})
    site.send(stedets_navn="Bænk ved skoven")
    config = folder / "others"
    shutil.copytree(SHIPPED_CONFIG, config, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    accounts = config / "accounts.yaml"  # or the doctor misses them after the restore
    accounts.write_text(accounts.read_text(encoding="utf-8").replace(': ""', ': "5500"'), encoding="utf-8")
    (config / "os2forms.yaml").write_text(MAPPING.format(url=site.url), encoding="utf-8")
    (folder / "esdh" / SHELTER).mkdir(parents=True)
    # from a day on that no case has come to: the doctor misses none of them after the restore
    archive = FOLDER.format(folder=folder / "esdh") + 'since: "2099-01-01"\n'
    (config / "archive.yaml").write_text(archive, encoding="utf-8")
    monkeypatch.setenv("DRIFTSKLAR_CONFIG_DIR", str(config))
    monkeypatch.setenv("DRIFTSKLAR_OS2FORMS_KEY", KEY)
    settings.cache_clear()
    catalogue.cache_clear()


def _two_reports(session: Session) -> None:
    place = find(session, SHELTER)
    for what in ("Et bræt er løst", "Der ligger affald"):
        report_publicly(session, place, what, safe=True, photos=(), key=what, on=date(2026, 4, 26), door=Door.PAGE)


def _four_enquiries(session: Session) -> None:
    place, on = find(session, SHELTER), date(2026, 4, 26)
    sender = Sender("Ane Bo", "ny@example.org", "", "Fire naboer")
    for number in (1, 2):
        wish = Wish("baenk", "", Degrees(55.1, 12.2), f"Udsigten, nr. {number}")
        wish_publicly(session, wish, sender, photos=(), key=f"w{number}", on=on, looks_automatic=False)
    for number in (3, 4):
        offer_to_help(session, place, sender, "Gerne", key=f"o{number}", on=on, looks_automatic=number == 4)


def _an_estimate(session: Session) -> None:
    year = {"year": 2026, "old_kr": 6500, "new_kr": 7000, "facility_years": 3, "proposed_on": date(2027, 2, 5)}
    session.add(EstimateProposal(type_key="shelter", **year))


def _somebody_signed_in(session: Session) -> None:
    sign_in(session, Way.TRYING, "", [Role.LEADER], moment=now())


_REST = {
    "> signed_in": _somebody_signed_in,
    "> report": _two_reports,
    "> enquiries": _four_enquiries,
    "> estimate": _an_estimate,
}
