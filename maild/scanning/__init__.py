"""Asks a virus scanner."""
