"""`maild route explain` and `maild route try`, on tickets that came by mail."""

from __future__ import annotations

from pathlib import Path

import pytest

from maild.bootstrap.trying import Trial, try_rules
from maild.clock import utc_now
from maild.config.load import load
from maild.config.values import read_duration
from maild.testing.mails import new_mail

from .conftest import House

RULES = """
[[queue]]
name = "support"
addresses = ["support@example.com"]
[[queue]]
name = "billing"
addresses = ["billing@example.com"]
[[rule]]
name = "invoices"
when = { words = ["invoice*"] }
then = { queue = "billing", priority = "high" }
[[rule]]
name = "late"
when = { words = ["invoice*"] }
then = { queue = "support" }
[[rule]]
name = "never"
when = { words = ["zeppelin"] }
then = { queue = "billing" }
[[rule]]
name = "replies"
when = { reply = true, words = ["again"] }
then = { priority = "raise" }
"""
"""What changed rules say: invoices go elsewhere, one rule comes too late, one never hits."""


def changed(house: House, rules: str = RULES) -> Path:
    """Another configuration beside the one that runs."""
    file = house.file.with_name("new.toml")
    file.write_text(house.file.read_text() + rules)
    file.chmod(0o600)
    return file


def test_explain_tells_what_was_decided_and_what_todays_rules_would_say(house: House) -> None:
    house.file.write_text(house.file.read_text() + RULES)
    [told] = house.lines("route", "explain", 2)
    assert told["opened_with"] == {"queue": "support", "priority": "medium"}
    assert any("support" in line for line in told["why"])
    assert (told["today"]["queue"], told["today"]["priority"]) == ("billing", "high")
    assert [(rule["rule"], rule["hit"]) for rule in told["today"]["rules"]] == [
        ("invoices", True),
        ("late", True),
        ("never", False),
        ("replies", False),
    ]
    shown = house.maild("route", "explain", 2).stdout
    assert "Today's rules would say" in shown
    assert 'hit     invoices  words "invoice*"' in shown


def test_explain_of_a_ticket_that_is_not_there(house: House) -> None:
    result = house.maild("route", "explain", 9)
    assert result.exit_code == 1
    assert "there is no ticket 9" in result.stderr


@pytest.fixture
def much(empty: House) -> House:
    """Three hundred tickets, a third of them about invoices."""
    subjects = ("Invoice", "A pump", "A valve")
    empty.accept(
        *(
            f"From: kim{n}@customer.example\nTo: support@example.com\nMessage-ID: <{n}@customer.example>\n"
            f"Subject: {subjects[n % 3]} {n}\n\nText {n}\n"
            for n in range(300)
        )
    )
    while empty.parts.ingest.run():
        pass
    return empty


def test_try_shows_which_tickets_would_move_and_which_rules_are_idle(much: House) -> None:
    [told] = much.lines("route", "try", "--config", changed(much), "--since", "1d", "--limit", 3)

    assert (told["mails"], told["unread"], told["moved"]) == (300, 0, 100)
    moves = [(move["field"], move["from"], move["to"], move["count"], move["tickets"]) for move in told["moves"]]
    assert moves == [
        ("queue", "support", "billing", 100, [1, 4, 7]),
        ("priority", "medium", "high", 100, [1, 4, 7]),
    ]
    assert told["never_hit"] == ["never"]
    assert told["decided_nothing"] == {"late": 100}
    assert told["for_replies"] == ["replies"]
    assert told["overlaps"] == [{"first": "invoices", "second": "late", "mails": 100, "in_vain": 100}]
    assert [(remark["rule"], remark["trouble"]) for remark in told["remarks"]] == [("late", "shadowed")]

    shown = much.maild("route", "try", "--config", changed(much), "--limit", 2).stdout
    assert "Tried 300 mails" in shown
    assert "queue     support  ->  billing      100  #1, #4, ..." in shown
    assert "never hit: never" in shown


def test_try_gives_the_same_in_several_processes(much: House) -> None:
    old, new = load(much.file, {}), load(changed(much), {})
    since = utc_now() - read_duration("1d")
    counted: list[int] = []

    alone = try_rules(old, new, since, mails=300, count=counted.append)
    together = try_rules(old, new, since, mails=300, count=counted.append, processes=2)

    assert together == alone
    assert sum(counted) == 600


def test_a_trial_that_is_stopped_begins_on_no_further_mail(house: House) -> None:
    trial = Trial(load(house.file, {}), load(changed(house), {}))
    assert trial.run([1, 3]).mails == 2
    assert trial.run([1, 3], lambda: True).mails == 0
    trial.close()


def test_try_counts_what_cannot_be_read_and_what_is_older_stays_out(house: House) -> None:
    house.sql("UPDATE raw SET body = :no WHERE id = (SELECT raw FROM inbox WHERE ticket = 1 LIMIT 1)", no=b"rubbish")
    [told] = house.lines("route", "try", "--config", changed(house))
    assert (told["mails"], told["unread"]) == (1, 1)
    [told] = house.lines("route", "try", "--config", changed(house), "--since", "0s")
    assert (told["mails"], told["unread"]) == (0, 0)


def test_try_sees_mails_that_a_rule_would_turn_away(house: House) -> None:
    rules = '[[rule]]\nname = "no"\nwhen = { words = ["lottery"] }\nthen = { spam = true }\n'
    strict = house.file.with_name("strict.toml")
    strict.write_text(house.file.read_text() + rules)
    [told] = house.lines("route", "try", "--config", changed(house, rules.replace("lottery", "invoice")))
    assert [(m["field"], m["from"], m["to"], m["tickets"]) for m in told["moves"]] == [
        ("becomes", "ticket", "spam", [2])
    ]


def test_try_sees_mails_that_a_rule_turned_away(empty: House) -> None:
    before = empty.file.read_text()
    rule = (
        '[[rule]]\nname = "lottery"\nwhen = { words = ["lottery"], attachment = ["*.pdf"] }\nthen = { spam = true }\n'
    )
    empty.configure(rule)
    empty.accept(new_mail("You won the lottery", files=[("won.pdf", "application/pdf", b"%PDF")]).decode())
    empty.work()
    lenient = empty.file.with_name("lenient.toml")
    lenient.write_text(before)
    lenient.chmod(0o600)

    [same] = empty.lines("route", "try", "--config", empty.file)
    assert (same["mails"], same["unread"], same["moved"], same["never_hit"]) == (1, 0, 0, [])
    [told] = empty.lines("route", "try", "--config", lenient)
    assert [(m["field"], m["from"], m["to"], m["inbox"]) for m in told["moves"]] == [("becomes", "spam", "ticket", [1])]


def test_a_faulty_new_configuration_is_told_with_its_line(house: House) -> None:
    result = house.maild("route", "try", "--config", changed(house, '[[rule]]\nname = "x"\nwhen = { word = "y" }\n'))
    assert result.exit_code == 78
    assert "new.toml:" in result.stderr
    assert "did you mean words?" in result.stderr
