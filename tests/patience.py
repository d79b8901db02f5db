"""How long a test waits for what must come: so long that only a fault is told, and not a busy machine."""

SECONDS = 600.0

ONE_LOOK_SECONDS = 5.0
"""… and how long one look may take that is repeated until then."""
