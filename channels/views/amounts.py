"""Amounts as programs read them: whole numbers where they are whole, otherwise with two decimals."""


def kroner(ore: int) -> int | float:
    """Øre as kroner."""
    return ore // 100 if ore % 100 == 0 else ore / 100


def hours(minutes: int) -> int | float:
    """Minutes as hours, cut to a hundredth."""
    return kroner(minutes * 100 // 60)
