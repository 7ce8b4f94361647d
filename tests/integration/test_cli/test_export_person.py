"""`maild export CONTACT`: what a person may ask for is in the zip, and nothing of what others wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from maild.ids import Purpose

KIM = """\
From: Kim Kunde <kim@customer.example>
To: support@example.com
Subject: {subject}
Message-ID: <{id}@customer.example>
In-Reply-To: <{to}@other.example>

{words}
"""
LEE = """\
From: Lee <lee@other.example>
To: support@example.com
Subject: Mine
Message-ID: <3@other.example>

my own matter
"""


@pytest.fixture
def store_url(request: pytest.FixtureRequest, new_store: Callable[[str], str]) -> str:
    """An empty database: SQLite, unless the test is `on_both`."""
    return new_store(getattr(request, "param", "sqlite"))


on_both = pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def met(empty: Any) -> Any:
    """Kim has ticket 1, which was solved and rated, and has written on Lee's ticket 2; Lee has written on hers."""
    empty.accept(KIM.format(subject="It leaks", id=1, to="", words="quetzalcoatl is broken"), LEE)
    empty.work()
    for ticket, address in ((2, "kim@customer.example"), (1, "lee@other.example")):
        empty.sql(
            "INSERT INTO participant (ticket, address, name, role, answer_to)"
            " VALUES (:ticket, :address, '', 'copied', '')",
            ticket=ticket,
            address=address,
        )
    empty.accept(KIM.format(subject="Re: Mine", id=4, to=3, words="a word of mine on it"))
    empty.accept(LEE.replace("<3@other.example>", "<5@other.example>\nIn-Reply-To: <1@customer.example>"))
    empty.work()
    assert empty.maild("ticket", 1, "#note she called").exit_code == 0
    assert empty.maild("ticket", 1, "#resolve resolved").exit_code == 0
    signer = empty.parts.desk.signer
    to_rate = signer.reply_address("support@example.com", 1, "kim@customer.example", Purpose.RATE_5)
    rating = KIM.format(subject="5", id=6, to="", words="thank you, all well").replace("support@example.com", to_rate)
    empty.accept(rating)
    empty.work()
    return empty


def _read(file: Path) -> dict[str, Any]:
    with ZipFile(file) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    return {name: json.loads(said) if name.endswith(".json") else said for name, said in content.items()}


@on_both
def test_all_that_is_known_of_a_person_is_in_it(met: Any, tmp_path: Path) -> None:
    file = tmp_path / "kim.zip"

    [done] = met.lines("export", "Kim@Customer.example", "--to", file)

    told = _read(file)
    assert file.stat().st_mode & 0o777 == 0o600
    person, [ticket] = told["person.json"], told["tickets.json"]
    assert (person["address"], person["name"]) == ("kim@customer.example", "Kim Kunde")
    assert (person["tickets"], person["tickets_of_others"]) == ([1], [2])
    assert (ticket["number"], ticket["subject"]) == (1, "It leaks")
    kinds = [each["kind"] for each in ticket["events"]]
    assert {"opened", "note", "status", "rated"} <= set(kinds)
    assert ticket["events"][kinds.index("rated")]["data"]["stars"] == 5
    assert [each["kind"] for each in told["on-tickets-of-others.json"]] == ["mail"]
    assert [each["words"].strip() for each in told["mails.json"]][:2] == [
        "quetzalcoatl is broken",
        "a word of mine on it",
    ]
    raws = [told[f"mails/{each['id']}.eml"] for each in told["mails.json"]]
    assert (
        raws[0]
        == KIM.format(subject="It leaks", id=1, to="", words="quetzalcoatl is broken").replace("\n", "\r\n").encode()
    )
    assert "acknowledgement" in {each["template"] for each in told["letters.json"]}
    assert all(b"kim@customer.example" in told[f"letters/{each['id']}.eml"] for each in told["letters.json"])
    assert (done["tickets"], done["mails"], done["letters"]) == (1, len(raws), len(told["letters.json"]))


def test_what_others_wrote_is_not_in_it(met: Any, tmp_path: Path) -> None:
    met.lines("export", "kim@customer.example", "--to", tmp_path / "kim.zip")

    told = _read(tmp_path / "kim.zip")
    everything = repr(told)
    assert "my own matter" not in everything
    assert not any("anna@example.com" in str(each["message_id"]) for each in told["mails.json"])
    assert not any(b"anna@example.com" in said for name, said in told.items() if name.startswith("letters/"))
    lees = [each for each in told["tickets.json"][0]["events"] if each["actor"].startswith("contact:")]
    assert {each["actor"] for each in lees if each["content"]} <= {f"contact:{told['person.json']['contact']}"}


@on_both
def test_of_a_ticket_that_is_for_another_now_each_gets_their_own_time(met: Any, tmp_path: Path) -> None:
    assert met.maild("ticket", 1, "#customer lee@other.example").exit_code == 0
    assert met.maild("ticket", 1, "#note he called").exit_code == 0

    met.lines("export", "kim@customer.example", "--to", tmp_path / "kim.zip")
    [done] = met.lines("export", "lee@other.example", "--to", tmp_path / "lee.zip")

    kim, lee = _read(tmp_path / "kim.zip"), _read(tmp_path / "lee.zip")
    assert (kim["person.json"]["tickets"], kim["person.json"]["tickets_of_others"]) == ([], [1, 2])
    assert kim["tickets.json"] == []
    hers = kim["on-tickets-of-others.json"]
    assert {"opened", "rated", "mail"} == {each["kind"] for each in hers}
    assert next(each for each in hers if each["kind"] == "opened")["content"]["subject"] == "It leaks"
    assert not any(words in repr((kim["person.json"], hers)) for words in ("lee@", "he called"))

    assert (lee["person.json"]["tickets"], done["tickets"]) == ([1, 2], 2)
    [first, second] = lee["tickets.json"]
    assert (first["subject"], first["description"], second["subject"]) == (None, None, "Mine")
    assert not any(words in repr(first) for words in ("kim@", "It leaks", "quetzalcoatl", "she called", "thank you"))
    assert all(words in repr(first) for words in ("lee@other.example", "he called"))


def test_a_mail_that_is_no_longer_kept_says_so(met: Any, tmp_path: Path) -> None:
    met.sql("UPDATE raw SET body = '', pieces = 0, gone = 'retention, 2026-09-01' WHERE id = 1")

    met.lines("export", "kim@customer.example", "--to", tmp_path / "kim.zip")

    assert b"retention, 2026-09-01" in _read(tmp_path / "kim.zip")["mails/1.txt"]


def test_nothing_is_written_of_a_stranger_an_agent_or_over_a_file(met: Any, tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    [plan] = met.lines("erase", "kim@customer.example")

    said = {who: met.maild("export", who, "--to", file).output for who in
            ("who@nowhere.example", "anna@example.com", "contact:999", plan["contact"], "nonsense")}  # fmt: skip
    assert "nothing is stored about" in said["who@nowhere.example"]
    assert "is an agent" in said["anna@example.com"]
    assert "there is no contact 999" in said["contact:999"]
    assert f"contact:{plan['contact']}" in said[plan["contact"]]
    assert "no address" in said["nonsense"]
    assert not file.exists()

    assert met.maild("export", f"contact:{plan['contact']}", "--to", file).exit_code == 0
    whole = file.read_bytes()
    assert "cannot be made: File exists" in met.maild("export", "kim@customer.example", "--to", file).output
    assert file.read_bytes() == whole


def _listed(house: Any, address: str) -> Path:
    """The list of a directory in which somebody is an agent; the configuration itself does not name them."""
    file = Path(house.file.parent / "people.csv")
    file.write_text(f"address,name\n{address},Kim\n")
    house.configure('\n[[directory]]\nname = "people"\nof = "agents"\ncsv = "people.csv"\n')
    return file


@pytest.mark.parametrize("command", [("export", "--to", "x.zip"), ("erase", "--yes")])
def test_an_agent_whom_a_directory_lists_is_refused(met: Any, tmp_path: Path, command: tuple[str, ...]) -> None:
    people = _listed(met, "Kim@customer.example")
    words = [command[0], "kim@customer.example", *(str(tmp_path / w) if "." in w else w for w in command[1:])]

    assert "kim@customer.example is an agent" in met.maild(*words).output
    people.write_text("")  # what it said last may be old
    away = met.maild(*words)
    assert (away.exit_code, "directory people cannot be read" in away.output) == (1, True)
    assert not (tmp_path / "x.zip").exists()
    people.write_text("address,name\nanna.two@example.com,Anna\n")
    assert met.maild(*words).exit_code == 0
