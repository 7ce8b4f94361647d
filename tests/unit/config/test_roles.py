"""[[role]] and the roles of agents: what a slip of the pen is told, and what comes of a sound file."""

from __future__ import annotations

from pathlib import Path

import pytest

from maild.bootstrap import make_desk
from maild.config.load import load
from maild.errors import ConfigError
from maild.tickets.model import Ticket
from maild.tickets.permissions import Permission

# Lines 1 to 9; every case begins in line 10.
DESK = """\
[desk]
address = "support@example.com"
secret = "0123456789abcdef"
[[queue]]
name = "support"
addresses = ["support@example.com"]
[[team]]
name = "books"
agents = ["anna@example.com"]
"""
FIRST = DESK.count("\n") + 1
ANNA = '[[agent]]\nname = "Anna"\naddress = "anna@example.com"\n'
CLERK = '[[role]]\nname = "clerk"\n'
READ = 'permissions = ["service.read"]\n'

CASES: dict[str, tuple[str, int, str, str]] = {
    "a permission that is none": (
        ANNA + CLERK + 'permissions = ["service.reed"]',
        6, "role.permissions", "there is no permission 'service.reed'; did you mean service.read?",
    ),
    "a permission without its beginning": (
        ANNA + CLERK + 'permissions = ["write"]',
        6, "role.permissions", "there is no permission 'write'; did you mean service.write?",
    ),
    "another thing": (
        ANNA + CLERK + 'permissions = ["x"]',
        6, "role.permissions",
        ("there is no permission 'x'; they are service.read, service.write, service.escalate, service.resolve,"
        " service.override, service.approve"),
    ),
    "no permission": (
        ANNA + CLERK + "permissions = []",
        6, "role.permissions", "the list is empty; give at least one, or leave the key out",
    ),
    "one that cannot read": (
        ANNA + CLERK + 'permissions = ["service.write"]',
        6, "role.permissions", "clerk cannot read what it is for; add service.read",
    ),
    "a queue that is none": (
        ANNA + CLERK + READ + 'queues = ["suport"]',
        7, "role.queues", "there is no queue 'suport'; did you mean support?",
    ),
    "a team that is none": (
        ANNA + CLERK + READ + 'teams = ["book"]', 7, "role.teams", "there is no team 'book'; did you mean books?",
    ),
    "a role twice": (
        ANNA + CLERK + READ + CLERK + READ,
        8, "role.name", f"clerk is also in line {FIRST + 4}; give each role its own",
    ),
    "a role that is none": (
        ANNA + 'role = ["instaler"]', 4, "agent.role", "there is no role 'instaler'; did you mean installer?",
    ),
    "no role": (ANNA + "role = []", 4, "agent.role", "the list is empty; give at least one, or leave the key out"),
    "an agent's queue that is none": (
        ANNA + 'queues = ["suport"]', 4, "agent.queues", "there is no queue 'suport'; did you mean support?",
    ),
    "a queue whose agent may not read it": (
        ANNA + 'role = "clerk"\n' + CLERK + READ + 'queues = ["support"]\n[[queue]]\nname = "b"\n'
        'addresses = ["b@example.com"]\nagents = ["anna@example.com"]',
        12, "queue.agents",
        ("service.read is missing here: anna@example.com has it only in queue support (role clerk);"
        " take the address out, or change the role"),
    ),
}  # fmt: skip


def read(folder: Path, text: str) -> Path:
    file = folder / "maild.toml"
    file.write_text(f"{DESK}{text}\n")
    return file


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_told_with_what_would_be_right(case: str, tmp_path: Path) -> None:
    text, line, key, message = CASES[case]
    file = read(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    assert caught.value.problems == [f"{file}:{FIRST + line - 1}: {key}: {message}"]


def may(file: Path) -> str:
    """What Anna may do with a ticket of the queue support."""
    desk = make_desk(load(file, {}))
    ticket = Ticket(number=1, queue="support")
    return " ".join(p.name.lower() for p in Permission if not desk.may("anna@example.com", p, ticket))


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        (ANNA, "read write escalate resolve"),  # without a role
        (ANNA + 'role = "executive"', "read escalate approve"),
        (ANNA + 'role = ["executive", "buyer"]', "read write escalate approve"),
        (ANNA + 'role = "support"\n[[role]]\nname = "support"\n' + READ, "read"),  # takes the built-in one's place
        (ANNA + '[[role]]\nname = "support"\n' + READ, "read"),  # also for those who have no role
        (ANNA + 'teams = ["books"]', ""),
    ],
)
def test_what_an_agent_may(text: str, allowed: str, tmp_path: Path) -> None:
    assert may(read(tmp_path, text)) == allowed
