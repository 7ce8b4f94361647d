"""Exit codes beside 0 and 1, as sysexits.h names them, so that systemd and MTAs understand them."""

from __future__ import annotations

EX_DATAERR = 65  # what was asked for cannot be done
EX_UNAVAILABLE = 69  # something that is needed does not answer
EX_TEMPFAIL = 75  # try again later; an MTA keeps the mail in its queue
EX_CONFIG = 78  # the configuration is wrong; starting again does not help
