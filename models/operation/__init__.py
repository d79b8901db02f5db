"""Drift og ophør: checks, damage, pauses, and a decent ending."""
