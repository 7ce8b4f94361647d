"""A site's own letters in use: who gets which, and what a broken one costs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from maild.cli.main import app
from maild.templates.examples import EXAMPLES
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.databases import SqliteCopies
from maild.testing.desk import SetUp, running_desk
from maild.testing.mails import new_mail
from maild.testing.nursery import Nursery

KIM, ROOT, ANNA = "kim@customer.example", "root@example.com", "anna@staff.example"
OWN = SETTINGS + '\n[templates]\nfolder = "templates"\n'
BROKEN = "Subject: Danke\nHallo {{ naem }}\n"


def write(folder: Path, name: str, text: str) -> None:
    path = folder / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def store_url(sqlite_copies: SqliteCopies, tmp_path: Path) -> str:
    """SQLite alone: no letter depends on the database."""
    return sqlite_copies.make(tmp_path)


@pytest.fixture
def own(new_talk: Talk, tmp_path: Path) -> Talk:
    """Makes a desk with a folder that holds these files."""

    def make(settings: str = OWN, **files: str) -> Conversation:
        (tmp_path / "templates").mkdir(exist_ok=True)
        for name, text in files.items():
            write(tmp_path, name.replace("__", "/").replace("_DOT_", "."), text)
        return new_talk(settings=settings)

    return make


def alerts(talk: Conversation) -> list[str]:
    return [letter.text for letter in talk.letters(ROOT) if "A letter of your own" in letter.text]


def test_a_customer_gets_the_letter_of_the_site(own: Talk, tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.txt.j2", "Subject: {{ subject_with_tag }}\nAhoy, {{ tag }} is yours.\n")
    talk = own()
    talk.receive(new_mail())
    [letter] = talk.letters(KIM)
    assert "Ahoy, [#1] is yours." in letter.text
    page = letter.mail.get_body(("html",))
    assert page is not None
    assert "Ahoy, [#1] is yours." in page.get_content()


def test_a_sentence_of_the_site_is_said_in_our_letter(own: Talk, tmp_path: Path) -> None:
    write(tmp_path, "en/words.toml", '[acknowledgement]\nsent = "Sent by our robot."\n')
    talk = own()
    talk.receive(new_mail())
    assert "Sent by our robot." in talk.letters(KIM)[0].text


def test_a_wrong_sentence_is_said_as_we_say_it(own: Talk, tmp_path: Path) -> None:
    write(tmp_path, "en/words.toml", '[acknowledgement]\nsent = "Sent by {robot}."\n')
    talk = own()
    talk.receive(new_mail())
    assert "Sent by" not in talk.letters(KIM)[0].text
    assert "[#1]" in talk.letters(KIM)[0].text


def test_a_letter_of_the_site_says_its_sentences_in_the_language_of_each(own: Talk, tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.txt.j2", "Subject: {{ tag }}\n{{ say('own.thanks', tag=tag) }}\n")
    write(tmp_path, "en/words.toml", '[own]\nthanks = "Thanks for {tag}."\n')
    write(tmp_path, "de/words.toml", '[own]\nthanks = "Danke für {tag}."\n')
    german = '[[organisation]]\nname = "Other"\ndomains = ["other.example"]\nlanguage = "de"\n'
    talk = own(OWN + german)
    talk.receive(new_mail())
    talk.receive(new_mail(sender="lee@other.example"))
    assert "Thanks for [#1]." in talk.letters(KIM)[0].text
    assert "Danke für [#2]." in talk.letters("lee@other.example")[0].text


def test_a_broken_letter_costs_the_customer_nothing_and_the_admins_are_told_once_a_day(
    own: Talk, tmp_path: Path
) -> None:
    write(tmp_path, "acknowledgement.txt.j2", BROKEN)
    talk = own()
    talk.receive(new_mail("The first."))
    talk.receive(new_mail("The second.", subject="Another"))
    talk.receive(new_mail("The third.", sender="Lee <lee@other.example>"))
    first, _ = talk.letters(KIM)
    assert "Hallo" not in first.text
    assert "[#1]" in first.text
    [alert] = alerts(talk)
    assert "templates/acknowledgement.txt.j2:2" in alert
    assert "'naem' is undefined" in alert
    talk.wait(timedelta(days=1, minutes=1))
    talk.receive(new_mail("The day after.", subject="Again"))
    assert len(alerts(talk)) == 2


def test_a_broken_letter_to_agents_is_told_of_as_well(own: Talk, tmp_path: Path) -> None:
    write(tmp_path, "notification.txt.j2", "Subject: {{ tag }}\n{{ 1 / 0 }}\n")
    talk = own()
    talk.receive(new_mail("It is broken"))
    assert "It is broken" in talk.letters(ANNA)[0].text
    assert "ZeroDivisionError" in alerts(talk)[0]


def test_a_broken_alert_is_told_of_by_the_built_in_one(own: Talk, tmp_path: Path) -> None:
    write(tmp_path, "alert.txt.j2", BROKEN)
    write(tmp_path, "acknowledgement.txt.j2", BROKEN)
    talk = own()
    talk.receive(new_mail())
    told = "\n".join(alerts(talk))
    assert "templates/alert.txt.j2:2" in told
    assert "templates/acknowledgement.txt.j2:2" in told
    assert len(alerts(talk)) == 2


def test_a_new_language_is_spoken_where_a_queue_wants_it(own: Talk, tmp_path: Path) -> None:
    write(tmp_path, "nl/acknowledgement.txt.j2", "Subject: {{ subject_with_tag }}\nBedankt, {{ number }}.\n")
    queue = '[[queue]]\nname = "help"\naddresses = ["support@example.com"]\nlanguage = "nl"\n'
    talk = own(OWN + queue)
    talk.receive(new_mail())
    [letter] = talk.letters(KIM)
    assert "Bedankt, 1." in letter.text
    assert 'lang="nl"' in letter.everything
    assert talk.parts.letters.templates.render("answer", "nl", EXAMPLES["answer"]).html.count('lang="en"') == 1


def test_a_reload_takes_changed_letters_and_refuses_broken_ones(nursery: Nursery, tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.txt.j2", "Subject: {{ tag }}\nAhoy.\n")
    with running_desk(tmp_path, SetUp(store="sqlite"), nursery, settings=OWN + "detect = false\n") as desk:

        def reload() -> Result:
            return CliRunner().invoke(app, ["--config", str(desk.config), "reload"])

        desk.send(new_mail())
        assert "Ahoy." in desk.letters(KIM)[0].text
        write(tmp_path, "acknowledgement.txt.j2", BROKEN)
        refused = reload()
        assert refused.exit_code == 78
        assert "templates/acknowledgement.txt.j2:2: 'naem' is undefined" in refused.output
        write(tmp_path, "acknowledgement.txt.j2", "Subject: {{ tag }}\nMoin.\n")
        assert "letters or sentences of your own have changed" in reload().output
        desk.send(new_mail(subject="Another"))
        assert "Moin." in desk.letters(KIM, 2)[1].text
