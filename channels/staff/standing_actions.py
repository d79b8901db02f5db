"""What may be done about a place that stands: made safe, work ordered, and what is wrong about it put right."""

from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from channels.questions.fields import Shown, choices, day, day_of, long_text, with_fields, with_values
from channels.staff.action import Action, Given, lay_in_case
from channels.staff.doubts import Minutes
from channels.staff.place_text import place_in
from config.catalogue import catalogue
from models.case.agreement import AgreementStatus, Side, signatures_of
from models.case.attached_paper import ANOTHER, papers_of
from models.case.builder import BuiltBy, Terms
from models.case.facility import Facility
from models.case.firm import Firm
from models.case.handover import last_handover
from models.operation.incident import Incident, find_incident, incidents_of
from models.operation.incident_end import MAY_SAY, make_safe
from models.operation.work_by_hand import MAY_ORDER, order_by_hand
from models.refusal import BadInput
from models.role import Role
from models.said import Said
from models.stage import Stage
from models.stages.agreement import open_version, sign_agreement
from models.stages.attached_paper import MAY_ADD, MAY_REMOVE, remove_paper
from models.stages.correction import MAY_CORRECT, Correction, correct_facility
from models.text import NAME_LENGTH

NOT_KNOWN = "UNKNOWN"
ANOTHER_PAPER = "ANOTHER"


class OrderForm(Shown):
    """What is to be done, by when, and by whom."""

    hvad: str = long_text("Hvad skal gøres?", "Ingen personnavne.")
    senest: str = day("Senest", "Dagen, det skal være gjort.")
    minutter: int = Field(default=0, title="Minutter", ge=0, le=100_000, description="Cirka, for driften selv.")
    kroner: str = Field(
        default="",
        title="Kroner i alt",
        max_length=9,
        description="Tomt er timerne til kommunens timepris.",
        json_schema_extra={"pattern": "^[0-9]*$"},
    )


class SafeForm(Shown):
    """How it was made safe for now."""

    hvordan: str = long_text("Hvad er gjort?", "Fx spærret af, skilt sat op. Ingen personnavne.")


class CorrectionForm(Shown):
    """What is right; what stays as it is, is left as it stands."""

    navn: str = Field(title="Navn", min_length=3, max_length=NAME_LENGTH, description="Ingen personnavne.")
    sted: str = Field(
        default="",
        title="Hvor er det?",
        max_length=400,
        description="Kun hvis stedet er forkert: et kortlink, grader eller UTM32.",
        json_schema_extra={"one_line": True},
    )
    grund: str = long_text("Hvorfor rettes det?", "Det står i sagen. Det, der er underskrevet, bliver ikke ændret.")


class PaperForm(Shown):
    """What a file is."""

    hvad: str = Field(
        title="Hvad er det?", min_length=3, max_length=NAME_LENGTH, description="Fx Garantibevis for brædderne."
    )


class PaperGoneForm(Shown):
    """Why a file is taken out."""

    grund: str = long_text(
        "Hvorfor?", "Fx: lagt i en forkert sag. Filen slettes; det står i sagen, at den har været her."
    )


def _in_operation(_session: Session, facility: Facility) -> str:
    if facility.stage in (Stage.OPERATION, Stage.WINDING_DOWN):
        return ""
    return f"Stedet er ikke i drift ({facility.stage.danish.lower()})."


def _is_over(_session: Session, facility: Facility) -> str:
    return "" if facility.stage.is_open else f"Sagen er sluttet ({facility.stage.danish.lower()}) og rettes ikke mere."


def _order_form(session: Session, _facility: Facility) -> type[BaseModel]:
    rows = session.exec(select(Firm).where(col(Firm.left_on).is_(None)).order_by(col(Firm.name)))
    firms = {"OWN": "Driften selv"} | {firm.reference.replace("-", "_"): firm.name for firm in rows}
    who = choices("Firms", firms)
    return with_values(with_fields(OrderForm, hvem=(who, Field(title="Hvem gør det?"))), hvem=who["OWN"])


def _order(session: Session, facility: Facility, given: Given, said: Said) -> str:
    form = given.form
    due_on = day_of(form.senest, "Senest")
    if due_on is None:
        raise BadInput("Senest", "skriv dagen, det skal være gjort.")
    if form.kroner and not form.kroner.isdigit():
        raise BadInput("Kroner i alt", "skriv hele kroner, fx 1200.")
    firm = "" if form.hvem.name == "OWN" else form.hvem.name.replace("_", "-")
    work = order_by_hand(
        session,
        facility,
        form.hvad,
        due_on,
        said,
        key=given.key,
        minutes=form.minutter,
        ore=int(form.kroner) * 100 if form.kroner else None,
        firm=firm,
    )
    return f"Arbejde nr. {work.id} er bestilt."


def _unsafe_form(session: Session, facility: Facility) -> type[BaseModel]:
    unsafe = {f"n{each.id}": f"Nr. {each.id}: {each.what[:80]}" for each in _unsafe(session, facility)}
    return with_fields(SafeForm, skade=(choices("Damages", unsafe), Field(title="Hvilken skade?")))


def _unsafe(session: Session, facility: Facility) -> list[Incident]:
    return [each for each in incidents_of(session, facility) if each.is_unsafe and each.made_safe_on is None]


def _nothing_unsafe(session: Session, facility: Facility) -> str:
    return "" if _unsafe(session, facility) else "Der er ingen skade, hvor stedet er meldt farligt."


def _make_safe(session: Session, facility: Facility, given: Given, said: Said) -> str:
    incident = find_incident(session, int(given.form.skade.name[1:]))
    if incident.facility_id != facility.number:
        raise BadInput("Hvilken skade?", "den skade er et andet sted.")
    make_safe(session, incident, given.form.hvordan, said)
    return "Det er noteret. Stedet må først bruges igen, når driften har sagt det."


def _correction_form(session: Session, facility: Facility) -> type[BaseModel]:
    by = choices("BuiltBy", {NOT_KNOWN: "Det ved vi ikke"} | {each.name: each.danish.capitalize() for each in BuiltBy})
    terms = choices("Terms", {each.name: each.danish for each in Terms})
    rows = session.exec(select(Firm).order_by(col(Firm.name)))
    firms = choices("Firms", {"NONE": "Intet firma"} | {f.reference.replace("-", "_"): f.name for f in rows})
    there = session.get(Firm, facility.firm_id) if facility.firm_id is not None else None
    model = with_fields(
        CorrectionForm,
        byggede=(by, Field(title="Hvem byggede det?")),
        vilkaar=(terms, Field(title="På hvilke vilkår?")),
        firma=(firms, Field(title="Hvilket firma?")),
    )
    return with_values(
        model,
        navn=facility.name,
        byggede=by[facility.built_by.name if facility.built_by is not None else NOT_KNOWN],
        vilkaar=terms[facility.terms.name],
        firma=firms[there.reference.replace("-", "_") if there is not None else "NONE"],
    )


def _correct(session: Session, facility: Facility, given: Given, said: Said) -> str:
    form = given.form
    lat, lon = place_in(form.sted) if form.sted.strip() else (None, None)
    by = BuiltBy[form.byggede.name] if form.byggede.name != NOT_KNOWN else None
    firm = "" if form.firma.name == "NONE" else form.firma.name.replace("_", "-")
    was = session.get(Firm, facility.firm_id) if facility.firm_id is not None else None
    correction = Correction(
        name=form.navn if form.navn != facility.name else None,
        lat=lat,
        lon=lon,
        built_by=by if by is not facility.built_by else None,
        terms=Terms[form.vilkaar.name] if form.vilkaar.name != facility.terms.name else None,
        firm=firm if firm and (was is None or was.reference != firm) else None,
    )
    correct_facility(session, facility, correction, said, reason=form.grund)
    return "Sagen er rettet. Det, der er underskrevet, står, som det blev skrevet under."


def _paper_form(session: Session, facility: Facility) -> type[BaseModel]:
    handover = last_handover(session, facility)
    missing = handover.papers_missing if handover is not None else []
    keys = [*missing, *(key for key in catalogue().papers if key not in missing)]
    names = {key: catalogue().papers[key].name + (" (mangler)" if key in missing else "") for key in keys}
    which = choices("Papers", names | {ANOTHER_PAPER: ANOTHER})
    return with_fields(PaperForm, papir=(which, Field(title="Hvilket papir er det?")))


def _add_papers(session: Session, facility: Facility, given: Given, said: Said) -> str:
    kind = "" if given.form.papir.name == ANOTHER_PAPER else given.form.papir.name
    lay_in_case(session, facility, given, said, what=given.form.hvad, kind=kind)
    return "Papiret ligger i sagen."


def _papers_form(session: Session, facility: Facility) -> type[BaseModel]:
    there = {f"n{each.id}": f"Nr. {each.id}: {each.what}" for each in papers_of(session, facility)}
    return with_fields(PaperGoneForm, papir=(choices("Papers", there), Field(title="Hvilket papir?")))


def _no_papers(session: Session, facility: Facility) -> str:
    return "" if papers_of(session, facility) else "Der ligger ingen filer i sagen."


def _remove_paper(session: Session, facility: Facility, given: Given, said: Said) -> str:
    number = int(given.form.papir.name[1:])
    return f"{remove_paper(session, facility, number, said, reason=given.form.grund)} er taget ud af sagen."


class NothingMore(Shown):
    """All is said by the button."""


def _not_to_sign(session: Session, facility: Facility) -> str:
    version = open_version(session, facility)
    if version is None or version.status is not AgreementStatus.SIGNING:
        return "Der er ingen aftale, som venter på underskrift."
    signed = {each.side for each in signatures_of(session, version)}
    return "Kommunen har skrevet under." if Side.MUNICIPALITY in signed else ""


def _sign(session: Session, facility: Facility, _given: Given, said: Said) -> str:
    from channels.paper.agreement_paper import print_agreement  # paper takes a while, and few actions need it

    sign_agreement(session, facility, Side.MUNICIPALITY, said.by.danish.capitalize(), said, printer=print_agreement)
    return "Aftalen er underskrevet for kommunen."


STANDING_ACTIONS: tuple[Action, ...] = (
    Action(
        "sikret",
        "Stedet er gjort sikkert for nu",
        MAY_SAY,
        _unsafe_form,
        _make_safe,
        _nothing_unsafe,
        first="skade",
        help="Det må først bruges igen, når driften har sagt det.",
    ),
    Action(
        "bestil",
        "Bestil arbejde",
        MAY_ORDER,
        _order_form,
        _order,
        _in_operation,
        minutes=lambda _session, _facility, form: Minutes(form.minutter, 0),
        help="Det kommer på driftens liste, eller firmaet får en mail med et link.",
    ),
    Action(
        "papir",
        "Læg et papir i sagen",
        MAY_ADD,
        _paper_form,
        _add_papers,
        first="papir",
        help="Tegninger, garantier, samtykker. Manglede det ved afleveringen, bliver der ikke rykket for det mere.",
        takes_papers=True,
        needs_papers=True,
    ),
    Action(
        "tag-papir-ud",
        "Tag et papir ud af sagen",
        MAY_REMOVE,
        _papers_form,
        _remove_paper,
        _no_papers,
        first="papir",
        is_ending=True,
    ),
    Action(
        "ret",
        "Ret navn, sted eller hvem der byggede",
        MAY_CORRECT,
        _correction_form,
        _correct,
        _is_over,
        help="Hvad der var, og hvorfor det er rettet, står i sagen.",
        asks_where=True,
    ),
    Action(
        "underskriv",
        "Skriv under for kommunen",
        (Role.OPERATIONS_MANAGER, Role.LEADER),
        lambda _session, _facility: NothingMore,
        _sign,
        _not_to_sign,
        help="Du skriver under i din egen rolle. Læs aftalen på sagens side først.",
    ),
)
