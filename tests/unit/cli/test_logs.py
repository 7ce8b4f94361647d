"""The log: one form for everybody's records, and no secret in any of them."""

from __future__ import annotations

import io
import json
import logging
import time
import warnings
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from maild.cli.logs import bound, set_up_logs
from maild.cli.redact import _FORMS, _HARMLESS, Redactor

CANARY = "canary-S3CRET-never-shown"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """The log of the test run as it was before."""
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield
    root.handlers[:], logging.raiseExceptions = handlers, raising
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def log(form: str, level: str = "info") -> io.StringIO:
    out = io.StringIO()
    set_up_logs(level, form, secrets=[CANARY], stream=out)
    return out


def fail(error: Exception) -> None:
    raise error


LEAKS = {
    "a known secret": f"login with {CANARY} failed",
    "a URL": f"connect postgresql+psycopg://maild:{CANARY[:10]}@db/maild",
    "a URL whose password has an @ and a /": "redis://:p@/canary-S3@host:6379/0",
    "a bearer token": "Authorization: Bearer canary-S3abcdef.ghi",
    "SMTP's AUTH": "C: AUTH PLAIN canary-S3AGZvbwBiYXI=",
    "IMAP's LOGIN": 'b"A1 LOGIN user canary-S3"',
    "IMAP's LOGIN in quotes": 'A1 LOGIN "u s" "canary-S3 \\" x"',
    "a keyword": "password=canary-S3",
    "a keyword in JSON": '{"client_secret": "canary-S3 with spaces"}',
    "a repr": "Settings(host='h', password='canary-S3')",
    "a long token": "got canary-S3" + "aB3" * 12,
    "base64": "Y2FuYXJ5canary-S3LVMzYWJjZGVmZ2hpamtsbW5vcA==",
}


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("text", LEAKS.values(), ids=LEAKS.keys())
def test_what_looks_like_a_secret_is_hidden_wherever_it_stands(text: str, form: str) -> None:
    out = log(form)

    structlog.get_logger("maild").info("x.y", value=text, deep={"list": [text]}, error=ValueError(text))
    logging.getLogger("dramatiq.worker").warning("trouble: %s", text)
    try:
        fail(RuntimeError(text))
    except RuntimeError:
        structlog.get_logger("maild").exception("x.failed")
        logging.getLogger("elsewhere").exception("also")

    assert out.getvalue().count("x.") >= 2
    assert "canary-S3" not in out.getvalue()


def test_what_is_named_like_a_secret_is_hidden_whatever_it_is() -> None:
    out = log("json")

    structlog.get_logger("maild").info("x", imap_password="a", api_key=5, token=None, config={"secret": "b"})

    record = json.loads(out.getvalue())
    assert (record["imap_password"], record["api_key"], record["token"]) == ("***", "***", None)
    assert record["config"] == {"secret": "***"}


@pytest.mark.parametrize(
    "text",
    [
        "ab12" * 16,  # a digest
        "<AM0PR08MB1234ABCDEFAM0PR08MB1234ABCDEF@x.example>",  # a Message-ID
        "test_a_long_name_of_a_function_with_2_numbers_in_it",
        "https://example.com:8080/path",
        "9f1c2d3e-aaaa-4bbb-8ccc-123456789012",
        "mail from support@example.com",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor([CANARY]).text(text) == text


def test_a_secret_str_is_not_opened() -> None:
    out = log("text")
    structlog.get_logger("maild").info("x", value=SecretStr("short"))

    assert "short" not in out.getvalue()


def test_a_traceback_shows_lines_but_no_locals() -> None:
    out = log("json")
    hidden = "local-" + "value"
    try:
        fail(ValueError(len(hidden)))
    except ValueError:
        structlog.get_logger("maild").exception("x")

    record = json.loads(out.getvalue())
    assert record["exception"].endswith("ValueError: 11")
    assert "local-value" not in out.getvalue()


def test_foreign_records_have_the_same_form_and_the_bound_ids() -> None:
    out = log("json")
    with bound(mail_id=17):
        logging.getLogger("sqlalchemy.pool").warning("overflow of %d", 5)
    logging.getLogger("sqlalchemy.pool").warning("again")

    first, second = map(json.loads, out.getvalue().splitlines())
    assert (first["event"], first["logger"], first["level"]) == ("overflow of 5", "sqlalchemy.pool", "warning")
    assert first["mail_id"] == 17
    assert first["timestamp"].endswith("Z")
    assert "mail_id" not in second


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_text_cannot_forge_a_line_or_command_the_terminal(form: str) -> None:
    out = log(form)
    forged = "x\r\n2026-01-01 [info] forged \x1b[2J\x9b\u2028"

    structlog.get_logger("maild").info("x", subject=forged, deep=[forged])
    structlog.get_logger("maild").info(forged)
    logging.getLogger("mail.log").warning(forged)

    assert len(out.getvalue().splitlines()) == 3
    assert "\x1b" not in out.getvalue()


def test_a_line_break_in_an_exception_cannot_begin_a_record() -> None:
    out = log("text")
    try:
        fail(ValueError("a\n2026-01-01 forged"))
    except ValueError:
        structlog.get_logger("maild").exception("x")

    assert all(line.startswith("    | ") for line in out.getvalue().splitlines()[1:])


def test_protocol_lines_are_not_written_even_at_debug() -> None:
    out = log("text", "debug")

    logging.getLogger("imapclient.imaplib").debug("> A1 LOGIN u p")
    logging.getLogger("mail.debug").info("b'Subject: x'")
    structlog.get_logger("maild").debug("seen")

    assert [line.split()[3] for line in out.getvalue().splitlines()] == ["seen"]


def test_less_than_the_level_is_not_written() -> None:
    out = log("text", "warning")
    structlog.get_logger("maild").info("x")
    logging.getLogger("any").info("y")

    assert out.getvalue() == ""


def test_a_second_set_up_replaces_the_first() -> None:
    logger = structlog.get_logger("maild")
    first = log("text")
    logger.info("one")
    second = log("json")
    logger.info("two")

    assert first.getvalue().count("\n") == 1
    assert json.loads(second.getvalue())["event"] == "two"


def test_warnings_are_records() -> None:
    out = log("json")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)

    assert json.loads(out.getvalue())["logger"] == "py.warnings"


@pytest.mark.parametrize("piece", ["a", "a-", "A1", "://", "a://", "password", "password=", "login ", "'", '"', "\\"])
def test_a_hostile_text_costs_little_time(piece: str) -> None:
    begin = time.process_time()
    Redactor([CANARY]).text(piece * 10**6)

    assert time.process_time() - begin < 5


@given(text=st.from_regex(_HARMLESS, fullmatch=True))
def test_no_form_matches_what_is_not_looked_at(text: str) -> None:
    assert not any(form.search(text) for form, _ in _FORMS)


def test_a_secret_of_the_configuration_is_hidden_though_it_looks_like_words() -> None:
    redactor = Redactor(["correct horse", "correct horse battery"])
    assert redactor.record({"text": "it said correct horse battery staple"}) == {"text": "it said *** staple"}
