"""Posten: what is said to people, and the links they answer by."""
