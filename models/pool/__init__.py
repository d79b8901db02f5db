"""Puljen: the money."""
