"""Decides which ticket a mail belongs to, and says why; no I/O."""
