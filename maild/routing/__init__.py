"""Decides where a ticket goes, and says why; no I/O."""
