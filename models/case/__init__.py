"""Sagen: what is written down about a facility, and the gate."""
