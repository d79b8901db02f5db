"""How long a test waits for what must come: so long that only a fault is told, and not a busy machine."""

SECONDS = 600.0
