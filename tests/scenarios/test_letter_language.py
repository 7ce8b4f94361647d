"""In which language and which time zone people are written to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from maild.app.languages import Languages, for_agent, for_customer
from maild.bootstrap import desk
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import new_mail

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)

KIM, ANNA = "kim@customer.example", "anna@staff.example"
CUSTOMER = '\n[[organisation]]\nname = "Customer"\ndomains = ["customer.example"]\n'
TRUSTED = '\n[authenticity]\ntrusted_ids = ["mx.example.com"]\n'
PROVED = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=customer.example"}
GERMAN = "Guten Tag, meine Maschine ist kaputt. Bitte helfen Sie mir so schnell wie möglich."


def language_of(talk: Conversation, address: str) -> str:
    """The language that the last letter says it is in."""
    page = talk.letters(address)[-1].mail.get_body(("html",))
    assert page is not None
    return str(page.get_content()).partition('lang="')[2].partition('"')[0]


def detecting(talk: Conversation) -> None:
    """Let the language of mails be found out, by words that stand for it."""
    known = {"Maschine": "de", "kone": "fi"}

    def detect(text: str) -> str:
        return next((language for word, language in known.items() if word in text), "")

    languages = replace(talk.parts.desk.languages, detect=True)
    letters = replace(talk.parts.letters, desk=replace(talk.parts.desk, detect_language=detect, languages=languages))
    talk.parts.ingest = replace(talk.parts.ingest, letters=letters)


def test_a_first_mail_is_answered_in_its_own_language(talk: Conversation) -> None:
    detecting(talk)
    told = talk.receive(new_mail(GERMAN))
    assert language_of(talk, KIM) == "de"
    assert talk.ticket(1).language == "de"
    assert "letters in de: its text is" in told.why


def test_the_language_of_a_first_mail_is_found_out_outside_any_transaction(talk: Conversation) -> None:
    detecting(talk)
    open_connections: list[int] = []
    desk = talk.parts.ingest.letters.desk

    def look() -> None:
        open_connections.append(talk.database.engine.pool.checkedout())  # type: ignore[attr-defined]  # of QueuePool

    def detect(text: str) -> str:
        look()
        return desk.detect_language(text)

    watched = replace(desk, load_language=look, detect_language=detect)
    talk.parts.ingest = replace(talk.parts.ingest, letters=replace(talk.parts.ingest.letters, desk=watched))
    talk.receive(new_mail(GERMAN))
    assert open_connections == [0, 0]
    assert talk.ticket(1).language == "de"


def test_the_language_is_found_out_where_the_module_is_there(new_talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = SETTINGS + "\n[templates]\ndetect = true\n"
    talk = new_talk(settings=wanted)
    talk.receive(new_mail(GERMAN))
    assert language_of(talk, KIM) == "de"
    monkeypatch.setattr(desk, "find_spec", lambda _name: None)
    talk = new_talk(settings=wanted)
    talk.receive(new_mail(GERMAN, subject="Another"))
    assert language_of(talk, KIM) == "en"
    assert talk.ticket(2).language == ""


def test_too_few_words_and_languages_without_letters_get_the_queues(new_talk: Talk) -> None:
    queue = '[[queue]]\nname = "help"\naddresses = ["support@example.com"]\nlanguage = "de"\n'
    talk = new_talk(settings=SETTINGS + queue)
    detecting(talk)
    talk.receive(new_mail("?"))
    assert language_of(talk, KIM) == "de"
    talk.receive(new_mail("Minun kone on rikki", subject="Finnish"))
    assert language_of(talk, KIM) == "de"
    assert talk.ticket(2).language == "fi"  # agents see it, and rules may


def test_the_language_of_an_organisation_is_known_and_not_guessed(new_talk: Talk) -> None:
    talk = new_talk(settings=SETTINGS + CUSTOMER + 'language = "de"\n')
    told = talk.receive(new_mail("Hello, my machine is broken, please help me."))
    assert language_of(talk, KIM) == "de"
    assert "letters in de: the language of Customer" in told.why


def test_agents_are_written_to_in_their_own_language(new_talk: Talk) -> None:
    german = SETTINGS.replace('address = "anna@staff.example"', 'address = "anna@staff.example"\nlanguage = "de"')
    talk = new_talk(settings=german)
    talk.receive(new_mail())
    assert language_of(talk, ANNA) == "de"
    assert language_of(talk, "ben@staff.example") == "en"


def test_without_any_wish_the_desk_decides(talk: Conversation) -> None:
    desk = replace(talk.parts.desk, languages=Languages(letters=frozenset({"en", "de"})), language="de")
    assert for_customer("", "support", desk).language == "de"
    assert for_customer("de-AT", "support", replace(desk, language="en")).language == "de-AT"
    assert for_customer("fi", "support", desk).language == "de"
    assert for_agent(ANNA, desk).language == "de"


# ---------------------------------------------------------------------------- time zones


def mail_from(hours: float, *, days: float = 0) -> bytes:
    """A mail whose Date names an offset."""
    zone = timezone(timedelta(hours=hours))
    return new_mail(date=datetime(2026, 3, 2, 9, 0, tzinfo=UTC).astimezone(zone) + timedelta(days=days))


@pytest.mark.parametrize(
    ("raw", "zone"),
    [
        (mail_from(5.5), "UTC+05:30"),
        (mail_from(-8), "UTC-08:00"),
        (mail_from(0), "Europe/Berlin"),  # what servers write says nothing
        (mail_from(1), "Europe/Berlin"),  # the desk's own offset has a name
        (mail_from(5.5, days=9), "Europe/Berlin"),  # a wrong clock
        (mail_from(9.1), "Europe/Berlin"),  # no place has it
    ],
)
def test_times_are_in_the_zone_that_the_mail_tells(new_talk: Talk, raw: bytes, zone: str) -> None:
    talk = new_talk(settings=SETTINGS.replace("[desk]", '[desk]\ntimezone = "Europe/Berlin"'))
    talk.receive(raw)
    assert zone in talk.letters(KIM)[0].text


def test_the_zone_of_an_organisation_is_known(new_talk: Talk) -> None:
    talk = new_talk(settings=SETTINGS + CUSTOMER + 'timezone = "Asia/Tokyo"\n')
    talk.receive(mail_from(-8))
    assert "Asia/Tokyo" in talk.letters(KIM)[0].text
    assert "18:00" in talk.letters(KIM)[0].text  # opened at nine, UTC


# ---------------------------------------------------------------------------- what the acknowledgement understood


def test_only_whom_the_domain_vouches_for_is_told_what_came(new_talk: Talk, tmp_path: Path) -> None:
    files = [("drawing.pdf", "application/pdf", b"%PDF-1.4"), ("setup.exe", "application/x-msdownload", b"MZ")]
    own = tmp_path / "templates" / "acknowledgement.txt.j2"  # which does not even ask whether it is certain
    own.parent.mkdir()
    files_of = "{% for each in attachments %}{{ each.name }}{{ each.refused }}, {% endfor %}"
    own.write_text(f"Subject: {{{{ tag }}}}\n{{{{ subject }}}}|{files_of}|\n")
    talk = new_talk(settings=SETTINGS + TRUSTED + '[templates]\nfolder = "templates"\n')
    talk.receive(new_mail(files=files, headers=PROVED))
    assert "Broken|drawing.pdfFalse, setup.exeTrue, |" in talk.letters(KIM)[0].text
    talk.receive(new_mail("Another one.", subject="Other", files=files))
    assert "||" in talk.letters(KIM)[1].text
