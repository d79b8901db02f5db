"""A secret: said in the environment itself, or in a file that the environment names (as containers hand them out)."""

from pathlib import Path

from config.error import ConfigurationError
from config.settings import ENV_PREFIX, settings

MOST_BYTES = 4_000


def secret(name: str) -> str:
    """The secret of that setting (`os2forms_key`), "" where none is set.

    Raises:
        ConfigurationError: both are set, or the file can't be read or holds nothing.
    """
    said: str = getattr(settings(), name)
    file: Path | None = getattr(settings(), f"{name}_file")
    variable = f"{ENV_PREFIX}{name.upper()}_FILE"
    if file is None:
        return said
    if said:
        raise ConfigurationError("miljøet", variable, "er sat sammen med den uden _FILE", "Slet den ene.")
    try:
        content = file.read_bytes()[:MOST_BYTES].decode().strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            "miljøet", variable, "filen kan ikke læses", "Skriv en fil, som tjenesten må læse."
        ) from None
    if not content:
        raise ConfigurationError("miljøet", variable, "filen er tom", "Skriv hemmeligheden på filens første linje.")
    return content
