"""Every command does the same from a mail and from the command line, because the same code does it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from maild.cli.main import app
from maild.clock import utc_now
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import new_mail, reply_to
from maild.tickets.command_readers import HELP

ANNA, BOSS = "anna@staff.example", "boss@staff.example"
SETTINGS_OF_ALL = f"""{SETTINGS}
[[team]]
name = "first"
agents = ["{ANNA}"]
manager = "{BOSS}"

[[queue]]
name = "support"
addresses = ["support@example.com"]
team = "first"

[[queue]]
name = "parts"
addresses = ["parts@example.com"]
"""
# Each command with an argument, and what has to be said before; {other} is another ticket of the same customer.
EXAMPLES = {
    "hold": ("", "waiting for a part"),
    "resume": ("hold x", ""),
    "resolve": ("", "workaround a new cable helps"),
    "close": ("", "resolved"),
    "cause": ("", "a loose screw"),
    "path": ("", "by telephone"),
    "reopen": ("resolve resolved", ""),
    "status": ("", "in progress"),
    "assign": ("", "ben@staff.example"),
    "priority": ("", "high because it burns"),
    "reason": ("", "missing_part"),
    "type": ("", "incident"),
    "tag": ("", "+vip +hot"),
    "team": ("", "first"),
    "queue": ("", "parts"),
    "escalate": ("", "blocker=parts owner=Ben eta=Monday"),
    "customer": ("", "lee@customer.example"),
    "set": ("", "installation Hall 3"),
    "merge": ("", "{other}"),
    "duplicate": ("", "{other}"),
    "link": ("", "{other}"),
    "unlink": ("link {other}", "{other}"),
    "take": ("", ""),
    "order": ("", "SO-123"),
    "serial": ("", "X-1"),
    "product": ("", "X200"),
    "claim": ("", "RMA-7"),
    "undo": ("tag +vip", ""),
    "note": ("", "he called twice"),
    "call": ("", "he sends a photograph"),
    "comment": ("", "the third one this week"),
}
# What is about a mail, or is somebody else's to do; their own tests show both ways.
ELSEWHERE = {"help", "split", "override", "approve", "deny"}


def test_the_examples_are_all_commands() -> None:
    assert EXAMPLES.keys() | ELSEWHERE == HELP.keys()


def recorded(talk: Conversation, number: int, since: int) -> list[tuple[str, dict[str, object]]]:
    """What happened on a ticket after an event: kinds, and what the chain holds of them but numbers of tickets."""
    events = [event for event in talk.events(number) if event.seq > since]
    return [(e.kind, {k: v for k, v in e.data.items() if not isinstance(v, int)}) for e in events]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_command_does_the_same_both_ways(new_talk: Talk, tmp_path: Path, name: str) -> None:
    talk = new_talk(settings=SETTINGS_OF_ALL)
    talk.now = utc_now()  # which is the command line's
    before, argument = EXAMPLES[name]
    for n in range(4 if "{other}" in before + argument else 2):
        talk.receive(new_mail("It is broken.", subject=f"Pump {n}"))
    told = {n: [p for p in talk.letters(ANNA) if f"[#{n}]" in p.mail["Subject"]][-1] for n in (1, 2)}
    for n, other in ((1, 3), (2, 4)):
        if before:
            talk.receive(reply_to(told[n], f"#{before.format(other=other)}"))
    since = {n: talk.ticket(n).version for n in (1, 2)}
    settled = talk.receive(reply_to(told[1], f"#{name} {argument.format(other=3)}"))
    words = [name, *argument.format(other=4).split()]
    done = CliRunner().invoke(app, ["-c", str(tmp_path / "maild.toml"), "ticket", "2", "--agent", ANNA, *words])
    assert "refused" not in settled.why
    assert done.exit_code == 0, done.output
    assert recorded(talk, 1, since[1]) == recorded(talk, 2, since[2])
    assert (talk.ticket(1).status, talk.ticket(1).tags) == (talk.ticket(2).status, talk.ticket(2).tags)
    talk.wait(timedelta(hours=1))
    talk.work()
    if name == "escalate":
        assert [p.mail["Subject"].count("[#2]") for p in talk.letters(BOSS)] == [0, 1]
