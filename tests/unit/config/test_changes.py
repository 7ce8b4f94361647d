"""What a reload tells of a changed configuration."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from maild.config.changes import what_changed
from maild.config.load import load
from maild.config.model import Config

DESK = '[desk]\naddress = "support@example.com"\nsecret = "{secret}"\n'
EXAMPLE_FILE = Path(__file__).parents[3] / "config.example.toml"
SECRET = "0123456789abcdef"


def changed(tmp_path: Path, before: str, after: str, secret: str = SECRET) -> list[str]:
    file = tmp_path / "maild.toml"
    configs = []
    for text, key in ((before, SECRET), (after, secret)):
        file.write_text(DESK.format(secret=key) + text, "utf-8")
        configs.append(load(file, {}))
    return what_changed(*configs)


QUEUE = '[[queue]]\nname = "a"\naddresses = ["a@example.com"]\n'
ANNA = '[[agent]]\nname = "Anna"\naddress = "anna@staff.example"\n'
BOX = '[[mailbox]]\nname = "in"\nhost = "imap.example.com"\nusername = "u"\n'
HTTP = (
    '[[directory]]\nname = "orders"\nof = "orders"\npatterns = ["SO-\\\\d+"]\n'
    'http = {{ url = "https://shop.example/{{key}}?login={}", headers = {{ X-Key = "{}" }} }}\n'
)


RULE = '[[rule]]\nname = "refunds"\nwhen = {{ {} }}\nthen = {{ {} }}\n'


def queues(names: str) -> str:
    """One for each letter, in order."""
    return "".join(f'[[queue]]\nname = "{name}"\naddresses = ["{name}@example.com"]\n' for name in names)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("", "# a comment", []),
        ('[send]\nhost = "a"\n', '[send]\nhost = "b"\n', ["send.host is b, was a"]),
        ("", "[tickets]\nthanks_reopen = true\n", ["tickets.thanks_reopen is true, was false"]),
        ("", '[tickets]\nreopen_within = "1h 30m"\n', ["tickets.reopen_within is 1h 30m, was 30d"]),
        ("", '[tickets.labels]\nopen = "new"\n', ["tickets.labels.open is new, was not set"]),
        (QUEUE, QUEUE + "internal = true\n", ["queue a: internal is true, was false"]),
        (QUEUE, QUEUE + 'agents = ["anna@staff.example"]\n' + ANNA, [
            "queue a: agents is anna@staff.example, was not set", "agent Anna is new",
        ]),
        (QUEUE, QUEUE.replace('"a"', '"b"'), ["queue a is gone", "queue b is new"]),
        (RULE.format('words = "a"', 'queue = "support"'), RULE.format('words = "a"', 'queue = "support", tags = "x"'), [
            "rule refunds: then.tags is x, was not set",
        ]),
        (RULE.format('words = "a"', "spam = true"), "# moved\n" + RULE.format('words = ["b", "c"]', "spam = true"), [
            "rule refunds: when.words is b, c, was a",
        ]),
        ('[[rule]]\nname = "all"\nthen = { spam = true }\n',
         '[[rule]]\nname = "all"\nwhen = { kind = "list" }\nthen = { spam = true }\n',
         ["rule all: when.kind is list, was not set"]),
        (RULE.format('not = { words = "a" }', "spam = true"), RULE.format('not = { words = "b" }', "spam = true"), [
            "rule refunds: when.not changed",
        ]),
        (RULE.format('words = "a"', 'webhook = "https://a.example/t"'),
         RULE.format('words = "a"', 'webhook = "https://a.example/u"'), ["rule refunds: then.webhook changed"]),
        (BOX + 'password = "old"\n', BOX + 'password = "new"\n', ["mailbox in: password changed"]),
        (BOX + 'token_command = ["t", "x"]\n', BOX + 'token_command = ["t", "y"]\n',
         ["mailbox in: token_command changed"]),
        (HTTP.format("a", "b"), HTTP.format("c", "d"),
         ["directory orders: http.url changed", "directory orders: http.headers changed"]),
        (queues("xyz"), queues("zyx"), ["queues x and z changed places"]),
        (queues("xyz"), queues("yzx"),
         ["queue x moved: it stands after z now"]),
        (queues("xyz"), queues("zxy"), ["queue z moved: it stands first now"]),
    ],
)  # fmt: skip
def test_each_difference_is_a_sentence(tmp_path: Path, before: str, after: str, told: list[str]) -> None:
    assert changed(tmp_path, before, after) == told


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    assert changed(tmp_path, "", "", secret="another-secret-key") == ["desk.secret changed"]


def test_every_table_of_the_example_can_be_told_and_where_a_secret_may_be_nothing_is() -> None:
    tables = tomllib.loads(re.sub(r"(?m)^#(?=[\w\[])", "", EXAMPLE_FILE.read_text("utf-8")))
    del tables["include"]
    full, least = Config.model_validate(tables), Config.model_validate({"desk": tables["desk"]})
    for told in (what_changed(least, full), what_changed(full, least)):
        assert len(told) > 40
    assert what_changed(full, full) == []
    [directory] = full.directory
    plain = full.model_copy(update={"directory": (directory.model_copy(update={"http": None, "sql": None}),)})
    told = what_changed(plain, full)
    assert "directory orders: http.url changed" in told
    assert "directory orders: http.headers changed" in told
    assert not any(secret in line for line in told for secret in ("X-Shop", "shop.example.com"))
