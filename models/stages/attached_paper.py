"""Et papir lægges i sagen, eller tages ud af den. What was missing at the handover is no longer asked for once it is here."""

from sqlmodel import Session

from config.catalogue import catalogue
from models import text
from models.case.attached_paper import AttachedPaper, StoredPaper, papers_of
from models.case.facility import Facility
from models.case.handover import Handover, HandoverResult, last_handover
from models.journal import write_journal
from models.refusal import BadInput, Refusal, Remedy
from models.role import Role, may_decide
from models.said import Said
from models.stages.handover import needed_papers

MAY_ADD = (Role.OPERATIONS, Role.OPERATIONS_MANAGER, Role.PROJECT_LEAD, Role.COORDINATOR)
MAY_REMOVE = (Role.OPERATIONS_MANAGER, Role.COORDINATOR)
MOST_PAPERS = 100
_SHOWN_OF_HASH = 16
"""How much of a file's hash the journal repeats: enough to tell that it is another file."""


def add_paper(
    session: Session, facility: Facility, stored: StoredPaper, said: Said, *, what: str, kind: str = ""
) -> AttachedPaper:
    """Keep a file with the case; the same file again is the one that is there, whatever it is called now.

    `kind` is a key of `config/papers.yaml`; a paper of a kind that was missing at the handover is missing no more.

    Raises:
        Refusal: the role may not, or the case has a hundred papers.
        BadInput: there is no such kind, or the text can't be used.
    """
    may_decide(said.by, MAY_ADD, "Et papir")
    what = text.name(what, "what")
    if kind and kind not in catalogue().papers:
        raise BadInput("kind", f'der er intet papir "{kind[:40]}". Papirerne er: {", ".join(catalogue().papers)}.')
    there = papers_of(session, facility)
    same = next((each for each in there if each.sha256 == stored.sha256), None)
    if same is not None:
        return same
    if len(there) >= MOST_PAPERS:
        raise Refusal(
            "paper.too_many",
            f"{facility.reference} har {MOST_PAPERS} papirer. Tag et ud, der ikke bruges mere, eller saml flere i én PDF.",
        )
    paper = AttachedPaper(
        facility_id=facility.number,
        kind=kind,
        what=what,
        sha256=stored.sha256,
        path=stored.path,
        size=stored.size,
        added_on=said.on,
    )
    session.add(paper)
    session.flush()
    came = _came(session, facility, kind)
    line = (
        f"Papir nr. {paper.id} er lagt i sagen: {what} ({paper.kind_danish}, sha256 {stored.sha256[:_SHOWN_OF_HASH]})."
    )
    write_journal(session, facility, line + (" Det manglede ved afleveringen." if came else ""), said)
    return paper


def remove_paper(session: Session, facility: Facility, number: int, said: Said, *, reason: str) -> str:
    """Take a paper out of the case, as one that was laid in the wrong one; what it was is returned.

    The file goes with the daily run, unless another case has it. A paper that was missing at the handover is so again.

    Raises:
        BadInput: the case has no paper with that number, or there is no reason.
        Refusal: the role may not.
    """
    may_decide(said.by, MAY_REMOVE, "At tage et papir ud")
    reason = text.text(reason, "reason")
    papers = papers_of(session, facility)
    paper = next((each for each in papers if each.id == number), None)
    if paper is None:
        raise BadInput("paper", f"{facility.reference} har ingen fil med nr. {number}.", remedy=Remedy.LIST_PAPERS)
    what = f"{paper.what} ({paper.kind_danish})"
    session.delete(paper)
    session.flush()
    if not any(each.kind == paper.kind for each in papers if each is not paper):
        _is_missing_again(session, facility, paper.kind)
    write_journal(session, facility, f"Papir nr. {number} er taget ud af sagen: {what}. Begrundelse: {reason}", said)
    return what


def _taken_over(session: Session, facility: Facility) -> Handover | None:
    """The handover that counts, once operations took the place over."""
    last = last_handover(session, facility)
    taken = (HandoverResult.ACCEPTED, HandoverResult.ACCEPTED_WITH_DEFECTS)
    return last if last is not None and last.result in taken else None


def _came(session: Session, facility: Facility, kind: str) -> bool:
    """Whether a paper was missing, which it is no more. What was handed over that day stays as the protocol has it."""
    handover = _taken_over(session, facility)
    if handover is None or kind not in handover.papers_missing:
        return False
    handover.papers_missing = [key for key in handover.papers_missing if key != kind]
    return True


def _is_missing_again(session: Session, facility: Facility, kind: str) -> None:
    handover = _taken_over(session, facility)
    if handover is not None and kind in needed_papers(facility) and kind not in handover.papers:
        handover.papers_missing = [*handover.papers_missing, kind]
