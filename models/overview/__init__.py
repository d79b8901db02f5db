"""Overblik: what waits, and what is wrong."""
