"""What was said to whom about a facility, and in which words: each message, and each thing in a daily one."""

from datetime import date
from typing import Any, NamedTuple

from jinja2 import TemplateError
from sqlmodel import Session, col, select

from channels.letter_names import name_of
from channels.paper.case_papers import recipient_of, sent_words
from channels.paper.documents import environment
from channels.post.letters import compose
from config.catalogue import catalogue
from config.settings import settings
from models.case.facility import Facility
from models.post.outbox import Message, MessageItem
from models.role import Role


class SentLetter(NamedTuple):
    """One thing that was told; `item` is set where it went with a daily message."""

    message: Message
    item: MessageItem | None

    @property
    def key(self) -> str:
        """What it is called in an address."""
        return f"{self.message.number}-{self.item.number}" if self.item is not None else str(self.message.number)

    @property
    def on(self) -> date:
        """The day it counts for."""
        return self.message.on

    @property
    def role(self) -> Role | None:
        """The role it went to; None for a person."""
        return self.message.role if self.message.contact_id is None else None

    @property
    def name(self) -> str:
        """What it is called where its own words can't be shown, and whether they are gone for good."""
        told = self.item.context if self.item is not None else self.message.context
        name = name_of(self.item.kind if self.item is not None else self.message.template)
        return name if told else f"{name} (teksten er slettet efter reglerne om persondata)"

    @property
    def sent(self) -> str:
        """Whether and when it was sent, in words."""
        return sent_words(self.message)


def letters_about(session: Session, facility: Facility) -> list[SentLetter]:
    """All that was told about a facility, the newest first."""
    own = select(Message).where(Message.facility_id == facility.id)
    found = [SentLetter(message, None) for message in session.exec(own)]
    items = (
        select(Message, MessageItem)
        .join(MessageItem, col(MessageItem.message_id) == Message.id)
        .where(MessageItem.facility_id == facility.id)
    )
    found += [SentLetter(message, item) for message, item in session.exec(items)]
    return sorted(found, key=lambda each: (each.on, each.message.number, each.key), reverse=True)


def composed(session: Session, facility: Facility, letter: SentLetter) -> tuple[str, str] | None:
    """The subject and the letter in Markdown, without the links it carried; None where retention has emptied it."""
    municipality = catalogue().municipality
    kind = catalogue().type(facility.type_key)
    message, item = letter.message, letter.item
    about: dict[str, Any] = {
        "reference": facility.reference,
        "name": facility.name,
        "type_name": kind.name,
        "definite": kind.definite,
    }
    context: dict[str, Any] = dict(message.context) | {
        "municipality": {
            "name": municipality.name,
            "phone": municipality.phone,
            "mail": municipality.mailboxes["operations" if message.firm_id else "coordinator"],
        },
        "recipient": recipient_of(session, message),
        "sent_on": message.on,
        "volunteer": message.contact_id is not None,
        "role": str(message.role or ""),
        "facility": about,
    }
    if item is not None:
        context["items"] = [{"kind": item.kind, "facility": about, "stops": [], **item.context}]
    try:
        return compose(message.template, context, environment(settings().templates_dir))
    except (TemplateError, ValueError, KeyError, TypeError):
        return None
