"""Stadierne: what may be decided on the road from proposal to operation."""
