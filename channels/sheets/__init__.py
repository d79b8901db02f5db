"""Regneark: what the municipality has in spreadsheets comes in here, and lists go out as spreadsheets."""
