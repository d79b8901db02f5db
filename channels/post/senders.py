"""Flere afsendere: several processes send what waits in one outbox, each mail once.

Each claims mails of its own (`models.post.mail_a_day`); one that is killed leaves the others what it had claimed, ten minutes later.
For a day with thousands of mails; putting them into words is what takes the time, and it takes one core for each sender.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from sqlalchemy import Engine

from channels.post.deliver import deliver
from channels.post.mail import MailUnreachable
from channels.post.mail_transport import open_transport
from channels.post.worded import Delivery
from config.settings import settings
from models.database import engine_for

MOST_SENDERS = 16


def deliver_by(engine: Engine, senders: int) -> Delivery:
    """Send all that may leave now by so many processes at once (1 is this one); what they did, added up.

    Raises:
        MailUnreachable: the mail server is out of reach for one of them; what wasn't sent stays in the outbox.
        MailSettingError: DRIFTSKLAR_SMTP_URL can't be used.
    """
    if senders == 1:
        return deliver(engine)
    done = Delivery()
    with open_transport(settings().smtp_url, settings().var_dir, sender=settings().mail_from) as transport:
        done.says = transport.says  # and a setting that can't be used is told here
    url = engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(senders, mp_context=get_context("spawn")) as processes:
        told = [each.result() for each in [processes.submit(_deliver, url) for _ in range(senders)]]
    for each, _ in told:
        done.sent += each.sent
        done.failed += each.failed
        done.without_address += each.without_address
        done.not_needed += each.not_needed
    for _, unreachable in told:
        if unreachable:
            raise MailUnreachable(unreachable)
    return done


def _deliver(url: str) -> tuple[Delivery, str]:
    """What one process does: what it sent, and why the mail server couldn't be reached, if so."""
    engine = engine_for(url)
    try:
        return deliver(engine), ""
    except MailUnreachable as far:
        return Delivery(), str(far)
    finally:
        engine.dispose()
