"""A short form of `make fuzz`: a few mutations for each target, the same each time; and the fuzzer finds things."""

from __future__ import annotations

import pytest

from fuzz.engine import run
from fuzz.target import Target, hold
from fuzz.targets import TARGETS

# So many that each target costs a few tenths of a second.
EXECUTIONS = {
    "parser": 100, "reply": 100, "kinds": 50, "reports": 100, "authentication": 200, "html": 40, "commands": 40,
    "asks": 200, "routing": 120, "tokens": 1200, "tnef": 600, "calendar": 200, "letters": 200, "smtp": 60, "imap": 8,
}  # fmt: skip


@pytest.mark.parametrize("name", list(TARGETS))
def test_nothing_is_found(name: str) -> None:
    tally = run(TARGETS[name], executions=EXECUTIONS[name], seed=7, seeds_first=False)
    assert tally.findings == {}
    assert tally.executions == EXECUTIONS[name]


def found(check, **facts) -> dict[str, bytes]:  # type: ignore[no-untyped-def]
    target = Target(name="planted", check=check, seeds=lambda: [b"From: kim@x.example\n\nHello\n"], **facts)
    return run(target, executions=120, seed=1).findings


def test_an_exception_is_found_with_the_case_that_raised_it() -> None:
    def read(case: bytes) -> None:
        hold(b"\0" not in case, "a NUL")

    [(what, case)] = found(read).items()
    assert what == "Breach a NUL"
    assert b"\0" in case


def test_what_is_not_linear_is_found() -> None:
    def read(case: bytes) -> None:
        for at in range(0, len(case), 2):
            case[at:].count(b"x")

    assert list(found(read, largest=64 * 1024, seconds=0.02, seconds_per_mib=0.1)) == ["Breach time"]


def test_what_takes_too_much_memory_is_found() -> None:
    def read(case: bytes) -> None:
        bytes(range(256)) * (len(case) * 12)

    assert "Breach memory" in found(read, largest=64 * 1024)


def test_a_word_of_a_command_may_hold_what_nobody_sees() -> None:
    TARGETS["commands"].check("#note part\ufeffner\nHello".encode())


def test_a_client_that_is_hung_up_on_while_it_sends_may_lose_the_last_answer() -> None:
    """TCP takes back what it has not read yet: here the most part of 1,100 answers."""
    ask = b"RCPT TO:<help@x.test>\r\n"
    TARGETS["smtp"].check(b"EHLO x\r\nMAIL FROM:<a@b.test>\r\n" + ask * 100 + (b"\xc3\xa9\r\n" + ask) * 2_000)
