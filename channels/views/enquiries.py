"""Henvendelser as programs read them; who sent one stands only where one is shown whole, at the command line."""

from sqlmodel import Session

from channels.views.shapes.outside import EnquiryFileShown, EnquiryLine, EnquiryShown
from config.catalogue import catalogue
from models.case.enquiry import Enquiry
from models.case.enquiry_file import files_of
from models.case.facility import Facility
from models.case.photo import photos_of


def enquiry_line(session: Session, found: Enquiry) -> EnquiryLine:
    """One enquiry without whoever sent it."""
    place = session.get(Facility, found.facility_id) if found.facility_id is not None else None
    return EnquiryLine(
        id=found.number,
        kind=found.kind,
        danish=found.kind.danish + (", ligner en maskine" if found.looks_automatic else ""),
        state=found.state,
        state_danish=found.state.danish,
        facility=place.reference if place is not None else "",
        type=found.type_key if found.type_key in catalogue().types else "",
        what=found.what,
        looks_automatic=found.looks_automatic,
        received_on=found.received_on,
        source=found.source,
        uuid=found.uuid,
        serial=found.serial,
        sent_at=found.sent_at,
        name=found.place_name,
        lat=found.lat,
        lon=found.lon,
        land_owner=found.land_owner,
        years=found.years,
        group=found.group_name,
        answer=found.answer,
    )


def enquiry_shown(session: Session, found: Enquiry) -> EnquiryShown:
    """All of it, for whoever answers it."""
    return EnquiryShown(
        **dict(enquiry_line(session, found)),
        place_said=found.place_said,
        who=found.who,
        sender_name=found.name,
        sender_mail=found.mail,
        sender_phone=found.phone,
        trouble=found.trouble,
        answers=found.answers,
        photos=[photo.path for photo in photos_of(session, enquiry_id=found.number)],
        files=[EnquiryFileShown(name=f.name, path=f.path, trouble=f.trouble) for f in files_of(session, found)],
    )
