"""What runs by itself, and how the installation stands: the daily run, the post, the doctor, backups."""

from datetime import date

from pydantic import Field

from channels.views.shapes.shape import Shape


class Swept(Shape):
    """What the daily run did on a day; all zero when it had been run before."""

    planned: int = Field(description="Checks that were planned.")
    skipped: int = Field(description="Checks that fell away, since they would have been too late.")
    notices: int = Field(description="Checks that were told of.")
    reminders: int = Field(description="Checks that were reminded of.")
    second_reminders: int = Field(description="Checks that were reminded of once more.")
    escalations: int = Field(description="Checks that were passed on to the coordinator.")
    work_orders: int = Field(description="Checks that operations does instead.")
    own_tasks: int = Field(description="Operations' own tasks that became work on their day.")
    messages: int = Field(description="New messages in the outbox.")
    on: date = Field(description="The day.")
    persons_forgotten: int = Field(description="Persons whose data was kept long enough.")


class Delivered(Shape):
    """What became of the messages that waited."""

    sent: int = Field(description="Sent.")
    failed: int = Field(description="Refused by the mail server.")
    without_address: int = Field(description="For somebody who has no address.")
    not_needed: int = Field(description="About something that was done meanwhile.")
    says: str = Field(description="What is wrong, in Danish; empty when nothing is.")


class Migrated(Shape):
    """The form the database has."""

    revision: str = Field(description="The form's number.")
    changed: bool = Field(description="Whether it was an older one.")


class FindingLine(Shape):
    """One thing the doctor looked at."""

    name: str = Field(description="What was looked at.")
    ok: bool = Field(description="Whether it is as it must be.")
    detail: str = Field(description="What was found, in Danish.")
    remedy: str = Field(description="What to do; empty when it is as it must be.")


class Examined(Shape):
    """What the doctor found."""

    ok: bool = Field(description="Whether all is as it must be.")
    checks: list[FindingLine] = Field(description="All that was looked at.")


class BackupMade(Shape):
    """A backup, by its manifest."""

    made_at: str = Field(description="The moment it was begun, in UTC.")
    revision: str | None = Field(description="The database's form.")
    database: str = Field(description="sqlite or postgresql.")
    chain_head: str | None = Field(description="The chain's head then, NUMBER:HASH; null in an older form.")
    sha256: dict[str, str] = Field(description="The fingerprint of each part, by its name.")
    file: str = Field(description="The file it is in.")


class Restored(Shape):
    """What came back of a backup, by its manifest."""

    made_at: str = Field(description="The moment it was begun, in UTC.")
    revision: str | None = Field(description="The database's form.")
    database: str = Field(description="sqlite or postgresql.")
    chain_head: str | None = Field(description="The chain's head then, NUMBER:HASH; null in an older backup.")
    sha256: dict[str, str] = Field(description="The fingerprint of each part, by its name.")
    facilities: int = Field(description="How many facilities came.")


class InstallationCopied(Shape):
    """A municipality's own copy of what it may change."""

    folder: str = Field(description="Where it is.")
    written: int = Field(description="Files that are new.")
    kept: int = Field(description="Files that were there already.")
