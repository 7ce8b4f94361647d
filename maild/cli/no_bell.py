"""A doorbell for commands beside the daemon, which looks for due work every second by itself."""

from __future__ import annotations

from datetime import timedelta


class NoBell:
    """The port `Doorbell`; nobody hears it."""

    def ring(self, bell: str, wait: timedelta = timedelta()) -> None:
        """Do nothing."""
