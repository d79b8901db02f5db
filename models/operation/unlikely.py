"""Usandsynligt: minutes that are so many more than was planned that a finger may have slipped; whoever meant them says so."""

TIMES = 5
"""A job may take several times what was planned; one that took more than this is asked about …"""
MINUTES_MORE = 120
"""… where it is also more than two hours longer: three minutes that became twenty are nobody's mistake."""
A_WORKING_DAY = 480
"""Where nothing was planned: more than a day's work of one person, in minutes."""


def are_unlikely(minutes: int, planned: int) -> bool:
    """Whether this many minutes should be asked about, where `planned` were; 0 is not known."""
    if not planned:
        return minutes > A_WORKING_DAY
    return minutes > TIMES * planned and minutes > planned + MINUTES_MORE
