"""Sets up the log: text on a terminal, JSON elsewhere, other libraries' records in the same form.

    log = structlog.get_logger(__name__)
    with bound(mail_id=17):
        log.info("mail.ingested", outcome="new_ticket")

The first text is a stable key and never prose: tests and alarms rely on it. `bound` also reaches
the records that aiosmtpd, dramatiq or SQLAlchemy write meanwhile. Rooms below the command line use
`structlog.contextvars.bound_contextvars`, which is the same.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
from collections.abc import Iterable
from types import TracebackType
from typing import TextIO

from maild.cli.redact import Redactor
from maild.cli.without import without

with without("rich"):  # structlog would load it for tracebacks that are not used here: a tenth of the daemon's start
    import structlog
    from structlog.typing import EventDict, Processor, WrappedLogger

bound = structlog.contextvars.bound_contextvars

# Libraries that are too talkative, or whose debug records hold every line of a session with its
# login and its mail; they stay at these levels even with level = "debug".
_QUIET = {
    "imapclient": logging.INFO,
    "mail.log": logging.WARNING,  # aiosmtpd
    "mail.debug": logging.CRITICAL,
    "mail.error": logging.WARNING,
    "asyncio": logging.WARNING,
    "dramatiq": logging.INFO,
    "sqlalchemy": logging.WARNING,
    "alembic": logging.WARNING,
}


def set_up_logs(
    level: str = "info", form: str = "auto", *, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Make every log record go to `stream` (default: standard error). Calling it again replaces it.

    `level` and `form` are log.level and log.format of the configuration, `secrets` its
    `secret_values`.
    """
    out = stream or sys.stderr
    text = form == "text" or (form == "auto" and out.isatty())
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _exception,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # a second set-up must reach loggers that exist
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _redaction(Redactor(secrets)),
                _text(out) if text else structlog.processors.JSONRenderer(sort_keys=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.raiseExceptions = False  # a full disk or a closed pipe must not fill the terminal
    logging.captureWarnings(True)  # noqa: FBT003  # the standard library's signature
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, root.level))


def _exception(_logger: WrappedLogger, _method: str, record: EventDict) -> EventDict:
    """`exc_info` as the usual traceback, which names lines but shows no local variable."""
    info = record.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        record["exception"] = _traceback(info)
    return record


def _traceback(info: tuple[type[BaseException], BaseException, TracebackType | None]) -> str:
    return "".join(traceback.format_exception(*info)).rstrip()


def _redaction(redactor: Redactor) -> Processor:
    def redact(_logger: WrappedLogger, _method: str, record: EventDict) -> EventDict:
        return redactor.record(record)

    return redact


def _text(out: TextIO) -> Processor:
    """One line a record, with the traceback indented below it."""
    renderer = structlog.dev.ConsoleRenderer(
        colors=out.isatty() and not os.environ.get("NO_COLOR"), pad_event_to=0, sort_keys=False
    )

    def render(logger: WrappedLogger, method: str, record: EventDict) -> str:
        below = [str(record.pop(key)) for key in ("exception", "stack") if key in record]
        escaped = {key: _escape(value) if isinstance(value, str) else value for key, value in record.items()}
        line = str(renderer(logger, method, escaped))
        # Indented, so that a line break in an exception's text cannot begin a record of its own.
        return "\n".join([line, *(f"    | {_escape(row)}" for text in below for row in text.split("\n"))])

    return render


def _escape(text: str) -> str:
    r"""Line breaks and other control characters as \n and \x1b: no forged lines, no commands."""
    return re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", lambda found: ascii(found[0])[1:-1], text)
