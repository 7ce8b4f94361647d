"""Tells which language a text is in."""
