"""`driftsklar propose`: a wish becomes a case."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.next_step import next_steps
from channels.command_line.shown import show_recorded
from channels.command_line.typed import DAY, DEGREES, FACILITY_TYPE, KEY, Whole, choice
from channels.views.cases import facility_case, facility_line
from channels.views.shapes.facility import FacilityProposed
from models.case.builder import BuiltBy, Terms
from models.case.facility import LandOwner
from models.role import Door, Role
from models.said import Said
from models.stages.proposal import MAX_YEARS, NEAR_METRES, Proposal, near_to
from models.stages.proposal import propose as make_proposal


@click.command()
@click.option("--type", "type_key", required=True, type=FACILITY_TYPE, help="Anlægstypen, fx shelter eller baenk.")
@click.option("--name", required=True, help="Stedets navn, fx “Shelter ved Nyord Havn”.")
@click.option("--group", required=True, help="Frivilliggruppen, fx G-0001.")
@click.option("--lat", required=True, type=DEGREES, help="Breddegrad (WGS84), fx 55.04.")
@click.option("--lon", required=True, type=DEGREES, help="Længdegrad (WGS84), fx 12.21.")
@click.option("--land-owner", required=True, type=choice(LandOwner), help="Hvem der ejer jorden.")
@click.option("--years", type=Whole(1, MAX_YEARS, "år"), default=5, show_default=True, help="Aftalens længde i år.")
@click.option("--start", type=DAY, help="Dagen, driften ventes at begynde.")
@click.option("--built-by", type=choice(BuiltBy), default="volunteers", show_default=True, help="Hvem der bygger.")
@click.option("--terms", type=choice(Terms), default="none", show_default=True, help="Vilkår aftalt med firmaet.")
@click.option("--firm", help="Firmaet, der bygger, fx F-0001.")
@click.option("--anyway", is_flag=True, help="Det er et andet sted end det med samme navn lige ved.")
@click.option("--key", type=KEY, help="Jeres egen nøgle: samme nøgle giver samme anlæg.")
@on_option
@by_option(Role.PROJECT_LEAD)
@json_option
def propose(
    type_key: str,
    name: str,
    group: str,
    lat: float,
    lon: float,
    land_owner: str,
    years: int,
    start: date | None,
    built_by: str,
    terms: str,
    firm: str | None,
    anyway: bool,
    key: str | None,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Opret et forslag. Driften bliver spurgt med det samme."""
    wish = Proposal(type_key, name, group, lat, lon, LandOwner(land_owner), years, start)
    wish = wish._replace(built_by=BuiltBy(built_by), terms=Terms(terms), firm=firm)
    # a program isn't stopped: it reads `near`, and says `--key` where it means the same place
    wish = wish._replace(anyway=anyway or as_json)
    with recording() as session:
        made = make_proposal(session, wish, Said(on, Role(by), Door.CLI), key=key)
        near = [each.reference for each in near_to(session, wish) if each.id != made.id]
        line = FacilityProposed(**dict(facility_line(session, made)), near=near)
        steps = next_steps(facility_case(session, made))
        said = [f"{made.reference} · {made.name} er oprettet. Driften er spurgt."]
        if near:
            said.append(f"OBS: {', '.join(near)} af samme type er højst {NEAR_METRES} m derfra. Er det det samme sted?")
        text = "\n".join([*said, *steps])
        show_recorded(session, line, as_json, text)
