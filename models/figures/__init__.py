"""Tal: the past counted, and the years ahead."""
