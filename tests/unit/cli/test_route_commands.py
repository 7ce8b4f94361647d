"""`maild route test` and `test-suite`, and what `maild check` says of rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from maild.cli.main import app

HOUSE = """
[desk]
address = "support@example.com"
secret = "0123456789abcdef"
timezone = "Europe/Berlin"
[[queue]]
name = "support"
addresses = ["support@example.com"]
[[queue]]
name = "billing"
addresses = ["billing@example.com"]
[[calendar]]
name = "office"
timezone = "Europe/Berlin"
[calendar.hours]
mon = ["09:00-17:00"]
[[rule]]
name = "refunds"
when = { words = ["refund*"] }
then = { queue = "billing", priority = "high", tags = ["refund"] }
[[rule.test]]
mail = "refund.eml"
expect = { queue = "billing", rules = "refunds", tags = "refund" }
"""
REFUND = """\
From: Kim <kim@customer.example>
To: support@example.com
Subject: Refund please
Date: Mon, 2 Mar 2026 10:00:00 +0100

I want my money.
"""
NIGHT = '[[rule]]\nname = "night"\nwhen = { outside = "office" }\nthen = { tags = ["night"] }\n'
AGAIN = '[[rule]]\nname = "again"\nwhen = { reply = true, words = ["still"] }\nthen = { priority = "raise" }\n'
"""A rule for replies alone."""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MAILD_CONFIG", raising=False)
    (tmp_path / "refund.eml").write_text(REFUND)
    path = tmp_path / "maild.toml"
    path.write_text(HOUSE)
    return path


def maild(file: Path, *words: str, given: str | None = None) -> Result:
    return CliRunner().invoke(app, ["-c", str(file), *words], input=given)


def test_a_mail_is_tested_without_a_database(file: Path) -> None:
    result = maild(file, "route", "test", str(file.with_name("refund.eml")))
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "== refund.eml: Refund please"
    assert "  queue:       billing" in lines
    assert "  tags:        refund" in lines
    assert any(line.startswith('hit  refunds  words "refund*"  queue billing') for line in lines)
    assert lines[-2].endswith(f"{file}:17")
    assert not (file.parent / "data").exists()


def test_a_mail_on_stdin_that_no_rule_wants_is_told_why_not(file: Path) -> None:
    told = json.loads(maild(file, "route", "test", "-", "--json", given=REFUND.replace("Refund", "Pump")).stdout)
    assert (told["queue"], told["becomes"]) == ("support", "ticket")
    assert [(rule["rule"], rule["hit"], rule["why"]) for rule in told["rules"]] == [
        ("refunds", False, 'its subject or text has no "refund*"')
    ]


@pytest.mark.parametrize(("at", "tags"), [("2026-03-02T10:00", []), ("2026-03-02T08:00", ["night"])])
def test_a_moment_can_be_said_in_the_desks_zone(file: Path, at: str, tags: list[str]) -> None:
    file.write_text(HOUSE + NIGHT)
    result = maild(file, "route", "test", "-", "--json", "--at", at, given=REFUND.replace("Refund", "Pump"))
    assert json.loads(result.stdout)["tags"] == tags


@pytest.mark.parametrize(("words", "priority"), [(["--reply"], "high"), ([], "medium")])
def test_a_mail_can_be_tested_as_a_reply(file: Path, words: list[str], priority: str) -> None:
    file.write_text(HOUSE + AGAIN)
    mail = REFUND.replace("Refund please", "It still leaks")
    assert json.loads(maild(file, "route", "test", "-", "--json", *words, given=mail).stdout)["priority"] == priority


def test_a_mail_that_is_not_there_is_a_mistake_of_the_caller(file: Path) -> None:
    assert maild(file, "route", "test", "nowhere.eml").exit_code == 2


def test_of_a_webhook_only_the_host_is_shown(file: Path) -> None:
    file.write_text(HOUSE.replace('queue = "billing", pri', 'webhook = "https://hooks.example.com/t0ken", pri'))
    for words in ([], ["--json"]):
        told = maild(file, "route", "test", str(file.with_name("refund.eml")), *words).stdout
        assert "hooks.example.com" in told
        assert "t0ken" not in told


# ---------------------------------------------------------------------------- tests beside the rules


def test_the_tests_of_the_rules_are_run(file: Path) -> None:
    result = maild(file, "route", "test-suite")
    assert result.exit_code == 0, result.output
    assert result.stdout == "ok     refunds 1: Refund please\n1 test, 0 failed\n"


@pytest.mark.parametrize(
    ("expect", "fault"),
    [
        ('queue = "support"', "queue is billing, expected support"),
        ('priority = "low"', "priority is high, expected low"),
        ('tags = ["refund", "vip"]', "tags is refund, expected refund vip"),
        ('no_rules = "refunds"', "rules is refunds, expected not refunds"),
        ("spam = true", "spam is false, expected true"),
        ('reject = "no"', "reject is not set, expected no"),
    ],
)
def test_a_test_that_fails_names_its_place_and_both_values(file: Path, expect: str, fault: str) -> None:
    file.write_text(HOUSE.replace('queue = "billing", rules = "refunds", tags = "refund"', expect))

    told = maild(file, "route", "test-suite")
    assert told.exit_code == 1
    assert f"{file}:17: test 1 of rule refunds: {fault}" in told.stdout
    assert "1 test, 1 failed" in told.stdout

    for command in (["check", "--no-connect"], ["reload"]):
        told = maild(file, *command)
        assert told.exit_code == 78
        assert told.stderr == f"{file}:17: test 1 of rule refunds: {fault}\n"

    told = maild(file, "check", "--no-connect", "--json")
    assert json.loads(told.stdout)["config"] == [f"{file}:17: test 1 of rule refunds: {fault}"]


def test_check_says_how_many_tests_passed(file: Path) -> None:
    result = maild(file, "check", "--no-connect")
    assert result.exit_code == 0, result.output
    assert "ok   1 test of rules" in result.stdout


def test_a_test_beside_a_rule_for_replies_is_a_reply_and_says_the_same_on_every_day(file: Path) -> None:
    mail = '"""\nFrom: kim@customer.example\nTo: support@example.com\nSubject: It still leaks\n\nLook.\n"""'
    file.write_text(
        HOUSE
        + NIGHT
        + f'[[rule.test]]\nmail = {mail}\nexpect = {{ no_rules = "night" }}\n'
        + AGAIN
        + f'[[rule.test]]\nmail = {mail}\nexpect = {{ rules = "again", priority = "high" }}\n'
    )
    result = maild(file, "route", "test-suite")
    assert "3 tests, 0 failed" in result.stdout, result.stdout


def test_without_any_test_it_says_how_to_write_one(file: Path) -> None:
    file.write_text(HOUSE.partition("[[rule.test]]")[0])
    assert "[[rule.test]]" in maild(file, "route", "test-suite").stdout
