"""The tests; a package, since one of the installed wheels brings a `tests` of its own."""
