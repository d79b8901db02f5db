"""Gruppers navne: which group a row means, by its number or its name, and who is asked when two could be meant."""

from sqlmodel import Session, select

from channels.sheets.cells import Reader
from models.alike import folded
from models.case.volunteer_group import VolunteerGroup


class Groups:
    """The groups by their number and their name; a name that two could mean is no group's."""

    def __init__(self, session: Session) -> None:
        self._exact: dict[str, set[int]] = {}
        self._folded: dict[str, set[int]] = {}
        self._shown: dict[int, str] = {}
        self._nobody = 0
        for group in session.exec(select(VolunteerGroup)):
            number = group.number
            if group.is_nobody:
                self._nobody = number
                self._exact.setdefault(group.reference, set()).add(number)
                continue
            self._shown[number] = f"{group.reference} {group.name}"
            for word in (group.reference, group.name):
                self._exact.setdefault(word, set()).add(number)
                self._folded.setdefault(folded(word), set()).add(number)

    def meant(self, reader: Reader, *, keeps: int = 0) -> int | None:
        """The group of a row, None for none; `keeps` is the one that stands, which an empty cell leaves alone."""
        said = reader.words("group")
        if not said:
            return None
        found = self._exact.get(said) or self._folded.get(folded(said)) or set()
        if len(found) == 1:
            (number,) = found
            return None if number == self._nobody and keeps != number else number
        if found:
            which = " og ".join(sorted(self._shown[number] for number in found))
            reader.fault("group", "ambiguous_group", f"det kan være {which}. Skriv gruppens nummer.")
        else:
            reader.fault(
                "group",
                "no_group",
                "den gruppe findes ikke. Opret den først, eller lad cellen være tom. Se: driftsklar group list",
            )
        return None
