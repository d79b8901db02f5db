"""How long what concerns persons is kept, before the nightly run erases it."""

from config.entry import Entry, whole


class Retention(Entry):
    """Months and days after which persons, what was written to them or by them, and their links are gone."""

    persons_months: int = whole("måneder til persondata slettes", 1, 120)
    messages_months: int = whole("måneder til sendte beskeder tømmes", 1, 120)
    links_days: int = whole("dage til udløbne links slettes", 0, 3650)
    reports_months: int = whole("måneder til meldinger fra skiltet tømmes", 1, 120)
    photos_months: int = whole("måneder til billeder slettes", 1, 120)
    enquiries_months: int = whole("måneder til henvendelser fra hjemmesiden tømmes", 1, 120, default=12)
    papers_months: int = whole("måneder til papirerne i en sluttet sag slettes", 1, 240, default=60)
