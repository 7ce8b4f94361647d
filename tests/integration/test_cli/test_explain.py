"""`maild explain` with a store: what the daemon would do, and nothing done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

REPLY = """\
From: Kim K <kim@customer.example>
To: support@example.com
Subject: Re: pump
Message-ID: <5@customer.example>
In-Reply-To: <2@customer.example>

again
"""


def _counts(house: Any) -> list[Any]:
    tables = ("inbox", "ticket", "event", "contact", "outbox", "thread_key", "seen")
    return [house.sql(f"SELECT count(*) FROM {table}")[0][0] for table in tables]  # noqa: S608


def test_a_reply_is_matched(house: Any, tmp_path: Path) -> None:
    file = tmp_path / "reply.eml"
    file.write_text(REPLY)
    before = _counts(house)
    (found,) = house.lines("explain", file)

    assert found["file"] == "reply.eml"
    assert found["match"] == {"ticket": 1, "linked": None, "why": found["match"]["why"]}
    assert any("2@customer.example" in why for why in found["match"]["why"])
    assert found["customer"] == {"contact": 1, "name": "Kim K", "address": "kim@customer.example"}
    assert found["route"]["queue"] == "support"
    assert "ticket 1" in found["route"]["why"][0]
    assert found["outcome"] == "reply"
    assert found["letters"] == [{"template": "notification", "to": "anna@example.com"}]
    assert _counts(house) == before


def test_the_relays_on_the_way_are_told(house: Any) -> None:
    way = (
        "Received: from mx.example.net by mail.example.com with ESMTPS; Mon, 2 Mar 2026 10:00:05 +0000\n"
        "Received: from [192.0.2.7] by mx.example.net with ESMTPA; Mon, 2 Mar 2026 10:00:00 +0000\n"
    )
    (found,) = house.lines("explain", "-", given=way + REPLY)
    assert [(hop["by_host"], hop["delay"]) for hop in found["way"]] == [("mx.example.net", 0), ("mail.example.com", 5)]
    told = house.maild("explain", "-", given=way + REPLY).stdout
    assert "mail.example.com (ESMTPS) at 2026-03-02 " in told
    assert "5 s after the one before" in told


def test_a_stranger_gets_a_new_ticket_and_nothing_is_changed(house: Any) -> None:
    before = _counts(house)
    text = REPLY.replace("kim@customer.example>\nTo", "mallory@example.net>\nTo")
    (found,) = house.lines("explain", "-", given=text)

    assert found["match"]["ticket"] is None
    assert found["match"]["linked"] == 1
    assert found["customer"]["contact"] is None
    assert found["outcome"] == "new_ticket"
    assert "support@example.com" in found["route"]["why"][0]
    assert _counts(house) == before
    house.accept("From: pat@other.example\n\nhi\n")
    house.work()
    assert house.lines("show", 3)[0]["ticket"]["number"] == 3  # no number was used up


def test_text_for_people_says_why(house: Any) -> None:
    result = house.maild("explain", "-", given=REPLY)

    assert "ticket:      1" in result.stdout
    assert "2@customer.example" in result.stdout
    assert "notification to anna@example.com" in result.stdout


def test_agents_answer_only_with_proof(house: Any) -> None:
    (found,) = house.lines("explain", "-", given=REPLY.replace("Kim K <kim@customer.example>", "anna@example.com"))

    assert any("nothing proves" in why for why in found["outcome_why"])


def test_our_own_letter_is_known(house: Any) -> None:
    raw = house.maild("outbox", "show", 1, "--raw").stdout_bytes
    (found,) = house.lines("explain", "-", given=raw)

    assert found["kind"] == "own"
    assert found["acknowledge"] is False


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # the version is no table of ours that is emptied
def test_without_its_database_the_mail_alone_is_explained(house: Any) -> None:
    house.sql("UPDATE alembic_version SET version_num = '9999'")
    result = house.maild("explain", "-", given=REPLY)

    assert result.exit_code == 0
    assert "nothing is matched" in result.stderr
    assert "acknowledge: yes" in result.stdout
