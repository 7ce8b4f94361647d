"""Overrides: what rules refuse is asked for by mail, and approved by somebody else who may, or denied."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from maild.store import schema
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import links, new_mail, reply_to
from maild.testing.sink import Posted

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, ANNA, BEN, OLE, EVA = (
    "kim@customer.example",
    "anna@staff.example",
    "ben@staff.example",
    "ole@staff.example",
    "eva@staff.example",
)
# Anna answers; Ben manages her team; Ole manages elsewhere but may approve everywhere; Eva answers, too.
DESK = f"""{SETTINGS}
role = "manager"

[[agent]]
name = "Ole Owner"
address = "{OLE}"
role = "executive"

[[agent]]
name = "Eva Expert"
address = "{EVA}"

[[queue]]
name = "support"
addresses = ["support@example.com"]
team = "first"
agents = ["{ANNA}", "{EVA}"]

[[team]]
name = "first"
agents = ["{ANNA}", "{EVA}"]
manager = "{BEN}"

[lifecycle]
requires = {{ closed = ["root_cause"] }}
"""
CLOSE = "#close no answer silent since May\n#override Nobody can be asked any more"
INSTALLER = DESK.replace(f'address = "{ANNA}"', f'address = "{ANNA}"\nrole = "installer"')


def opened(new_talk: Talk, settings: str = DESK) -> Conversation:
    talk = new_talk(settings=settings)
    talk.receive(new_mail())
    return talk


def asked(new_talk: Talk, words: str = CLOSE, settings: str = DESK) -> Conversation:
    """A ticket on which Anna has asked for an override."""
    talk = opened(new_talk, settings)
    anna(talk, words)
    return talk


def anna(talk: Conversation, words: str, sender: str = ANNA) -> str:
    """Anna answers her first letter; the reasons of what came of it."""
    return talk.receive(reply_to(talk.letters(sender)[0], words, sender=sender)).why


def last(talk: Conversation, agent: str) -> Posted:
    return talk.letters(agent)[-1]


def says(talk: Conversation, words: str, agent: str = BEN) -> str:
    """An approver answers the last letter to him; the reasons of what came of it."""
    return talk.receive(reply_to(last(talk, agent), words)).why


def kinds(talk: Conversation) -> list[str]:
    return [row.kind for row in talk.events(1)]


def templates(talk: Conversation, recipient: str) -> list[str]:
    return [row.template for row in talk.rows(schema.outbox) if row.recipient == recipient]


def test_what_rules_refuse_is_done_once_the_manager_approves(new_talk: Talk) -> None:
    talk = asked(new_talk)
    assert talk.ticket(1).status == "new"
    assert templates(talk, BEN) == ["approval"]
    assert templates(talk, OLE) == templates(talk, EVA)[1:] == []  # the team's manager is asked alone
    question = last(talk, BEN).text
    for fact in (ANNA, "#close no answer silent since May", "root cause", "Nobody can be asked any more", KIM):
        assert fact in question
    assert BEN in last(talk, ANNA).text

    says(talk, "#approve\nYes, we have waited long enough.")

    ticket = talk.ticket(1)
    assert (ticket.status, ticket.resolution_code, ticket.resolution_notes, ticket.root_cause) == (
        "closed",
        "no_answer",
        "silent since May",
        "",
    )
    assert "we have waited long enough" in last(talk, ANNA).text
    assert f"<{BEN}>" in last(talk, ANNA).text
    requested, approved, status, *_ = talk.events(1)[-4:]
    assert (requested.kind, approved.kind, approved.data["request"]) == ("requested", "approved", requested.seq)
    assert requested.actor == status.actor != approved.actor  # done by who asked, approved by another
    assert templates(talk, KIM) == ["acknowledgement"]  # nothing of it is the customer's


def test_the_link_in_the_letter_is_a_mail_that_approves(new_talk: Talk) -> None:
    talk = asked(new_talk)
    written = "\n".join(links(last(talk, BEN)))
    approve, deny = re.findall(r"mailto:(\S+)\?subject=(\S+)&body=(\S+)", written)
    assert unquote(deny[2]).startswith("#deny ")
    talk.receive(new_mail(unquote(approve[2]), sender=BEN, to=unquote(approve[0]), subject=unquote(approve[1])))
    assert talk.ticket(1).status == "closed"


def test_words_without_a_command_stay_inside(new_talk: Talk) -> None:
    """Whoever is asked by a colleague answers the colleague, also by the link in the letter."""
    talk = asked(new_talk)
    question = last(talk, BEN)
    link = re.findall(r"mailto:(\S+)\?subject=(\S+)&body=", "\n".join(links(question)))[0]
    talk.receive(reply_to(question, "I do not believe Kim, he lies."))
    talk.receive(new_mail("He does lie.", sender=BEN, to=unquote(link[0]), subject=unquote(link[1])))
    says(talk, "#deny He lies.")
    talk.receive(reply_to(last(talk, ANNA), "I think he lies as well."))
    assert templates(talk, KIM) == ["acknowledgement"]
    assert kinds(talk)[-3:] == ["note", "denied", "note"]
    assert talk.ticket(1).status == "new"


def test_who_is_denied_learns_why_and_by_whom(new_talk: Talk) -> None:
    talk = asked(new_talk)
    says(talk, "#deny Call him first.\nHis number is in the order.")
    assert talk.ticket(1).status == "new"
    assert kinds(talk)[-2:] == ["requested", "denied"]
    for fact in (BEN, "Call him first.", "His number is in the order.", "#close no answer"):
        assert fact in last(talk, ANNA).text
    assert templates(talk, KIM) == ["acknowledgement"]


def test_only_a_number_of_a_request_is_one(new_talk: Talk) -> None:
    talk = asked(new_talk)
    says(talk, "#deny 31 days are not enough")
    assert "31 days are not enough" in last(talk, ANNA).text


@pytest.mark.parametrize("word", ["#approve", "#deny no"])
def test_nobody_settles_what_he_asked_for_himself(new_talk: Talk, word: str) -> None:
    settings = DESK.replace(f'address = "{ANNA}"', f'address = "{ANNA}"\nrole = "judge"')
    judge = '[[role]]\nname = "judge"\npermissions = ["service.read", "service.write", "service.approve"]\n'
    talk = asked(new_talk, settings=settings + judge)
    assert "somebody else" in anna(talk, word)
    assert (talk.ticket(1).status, kinds(talk)[-1]) == ("new", "requested")


def test_who_may_not_approve_does_not(new_talk: Talk) -> None:
    talk = asked(new_talk)
    assert "service.approve is missing" in anna(talk, "#approve", sender=EVA)
    assert (talk.ticket(1).status, kinds(talk)[-1]) == ("new", "requested")


def test_an_approval_stands_alone(new_talk: Talk) -> None:
    talk = asked(new_talk)
    assert "a mail of its own" in says(talk, "#approve\n#assign me")
    assert (talk.ticket(1).status, talk.ticket(1).assignee) == ("new", "")


@pytest.mark.parametrize("to", ["support@example.com", "token of another"])
def test_a_forged_approver_does_nothing(new_talk: Talk, to: str) -> None:
    talk = asked(new_talk)
    address = str(last(talk, ANNA).mail["Reply-To"]) if "token" in to else to
    talk.receive(new_mail("#approve", sender=f"Ben <{BEN}>", to=address, subject="Re: Broken [#1]"))
    talk.receive(new_mail("#approve", sender=KIM, to=str(last(talk, BEN).mail["Reply-To"]), subject="Re: [#1]"))
    assert talk.ticket(1).status == "new"
    assert "approved" not in kinds(talk)


def test_any_other_who_may_can_approve_as_well(new_talk: Talk) -> None:
    talk = asked(new_talk, settings=DESK.replace(f'manager = "{BEN}"', f'manager = "{EVA}"'))
    assert templates(talk, BEN) == templates(talk, OLE) == ["approval"]  # the manager may not: all who may are asked
    says(talk, "#approve", agent=OLE)
    assert talk.ticket(1).status == "closed"
    assert "nobody asks" in says(talk, "#approve", agent=BEN)
    assert kinds(talk).count("approved") == 1


def test_a_permission_that_is_missing_is_asked_for_as_well(new_talk: Talk) -> None:
    talk = asked(new_talk, "#resolve\n#override I am on site", settings=INSTALLER)
    assert "service.resolve is missing" in last(talk, BEN).text
    says(talk, "#approve")
    assert talk.ticket(1).status == "resolved"


def test_a_move_that_is_not_in_the_table_is_asked_for_as_well(new_talk: Talk) -> None:
    talk = opened(new_talk)
    anna(talk, "#resolve")
    anna(talk, "#hold a part\n#override it came back broken")
    says(talk, "#approve")
    assert (talk.ticket(1).status, talk.ticket(1).resolved_at) == ("on_hold", None)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("#hodl\n#override x", "did you mean #hold?"),
        ("#close fire\n#override x", "no resolution code"),
        ("#close resolved\n#override", "say why"),
        ("#override because", "say in the same mail"),
        ("#close resolved\n#override x\nDear Kim, we close it.", "without an answer"),
        ("#close resolved\n#override x\n#note a secret", "without an answer"),
        ("#approve", "service.approve is missing"),
    ],
)
def test_mistakes_are_told_and_nobody_is_asked(new_talk: Talk, words: str, told: str) -> None:
    talk = opened(new_talk)
    before = talk.ticket(1).version
    assert told in anna(talk, words)
    assert talk.ticket(1).version == before
    assert templates(talk, BEN) == []
    assert words.rsplit("\n", maxsplit=1)[-1] in last(talk, ANNA).text  # what was typed comes back


def test_who_may_not_write_asks_for_nothing(new_talk: Talk) -> None:
    talk = opened(new_talk, DESK.replace(f'address = "{ANNA}"', f'address = "{ANNA}"\nrole = "executive"'))
    assert "service.write is missing" in anna(talk, CLOSE)
    assert templates(talk, BEN) == []


def test_what_nothing_refuses_is_done_at_once(new_talk: Talk) -> None:
    talk = asked(new_talk, "#close resolved\n#cause rust\n#override to be sure")
    assert (talk.ticket(1).status, talk.ticket(1).root_cause) == ("closed", "rust")
    assert templates(talk, BEN) == []


def test_a_manager_waits_for_nobody_and_it_is_on_record(new_talk: Talk) -> None:
    talk = opened(new_talk, DESK.replace(f'agents = ["{ANNA}", "{EVA}"]\n\n[[team', f'agents = ["{BEN}"]\n\n[[team'))
    says(talk, "#close resolved\n#override he is a friend")
    requested, approved, *_ = talk.events(1)[-3:]
    assert (requested.kind, approved.kind) == ("requested", "approved")
    assert requested.actor == approved.actor
    assert talk.ticket(1).status == "closed"


def test_a_newer_request_takes_the_place_of_an_older_one(new_talk: Talk) -> None:
    """Who answers the letter about the older one must not approve what he has not seen."""
    talk = asked(new_talk)
    first = last(talk, BEN)
    anna(talk, "#status duplicate\n#close warranty handoff\n#override The maker takes it back", sender=EVA)
    assert "is given up" in last(talk, ANNA).text
    second = last(talk, BEN)
    assert first.message_id != second.message_id
    written = ("\n".join(links(letter)) for letter in (first, second))
    old, new = (re.search(r"body=%23approve%20(\d+)", each)[1] for each in written)  # type: ignore[index]

    for unclear in ("#approve", f"#approve {old}"):
        assert f"#approve {new}" in talk.receive(reply_to(first, unclear)).why
    assert talk.ticket(1).status == "new"
    talk.receive(reply_to(first, f"#approve {new}"))
    assert (talk.ticket(1).status, talk.ticket(1).resolution_code) == ("closed", "warranty_handoff")


def test_what_became_impossible_meanwhile_is_said_to_both(new_talk: Talk) -> None:
    talk = asked(new_talk)
    anna(talk, "#close resolved\n#cause rust", sender=EVA)
    before = talk.ticket(1).version
    assert "closed already" in says(talk, "#approve")
    assert "closed already" in last(talk, ANNA).text
    assert talk.ticket(1).version == before


def test_an_asker_who_lost_the_ticket_meanwhile_gets_nothing_done(new_talk: Talk) -> None:
    talk = asked(new_talk)
    later = new_talk(settings=DESK.replace(f'address = "{ANNA}"', f'address = "{ANNA}"\nrole = "executive"'), owner="x")
    letter = last(talk, BEN)
    assert "service.write is missing" in later.receive(reply_to(letter, "#approve")).why
    assert later.ticket(1).status == "new"


def test_an_asker_who_left_is_not_told_and_gets_nothing_done(new_talk: Talk) -> None:
    talk = asked(new_talk)
    rest = DESK.replace(f'[[agent]]\nname = "Anna Agent"\naddress = "{ANNA}"', "").replace(f'"{ANNA}", ', "")
    later = new_talk(settings=rest, owner="x")
    assert "no agent any more" in later.receive(reply_to(last(talk, BEN), "#approve")).why
    assert later.letters(ANNA) == []


def test_without_anybody_who_may_approve_it_is_refused(new_talk: Talk) -> None:
    settings = DESK.replace('role = "manager"', "").replace('role = "executive"', "")
    talk = opened(new_talk, settings)
    assert "nobody else may approve" in anna(talk, CLOSE)
    assert "requested" not in kinds(talk)


def test_what_is_denied_cannot_be_approved_later(new_talk: Talk) -> None:
    talk = asked(new_talk)
    question = last(talk, BEN)
    talk.receive(reply_to(question, "#deny no"))
    assert "nobody asks" in talk.receive(reply_to(question, "#approve")).why
    anna(talk, CLOSE)  # but asked for again
    says(talk, "#approve")
    assert talk.ticket(1).status == "closed"


def test_a_machine_that_answers_for_the_approver_approves_nothing(new_talk: Talk) -> None:
    talk = asked(new_talk)
    talk.receive(reply_to(last(talk, BEN), "#approve", headers={"Auto-Submitted": "auto-replied"}))
    assert talk.ticket(1).status == "new"


def test_a_file_beside_an_approval_goes_to_nobody(new_talk: Talk) -> None:
    talk = asked(new_talk)
    talk.receive(reply_to(last(talk, BEN), "#approve", files=[("logo.png", "image/png", b"\x89PNG")]))
    assert talk.ticket(1).status == "closed"
    assert templates(talk, KIM) == ["acknowledgement"]


def test_a_duplicate_that_lacks_what_a_desk_asks_for_can_be_approved(new_talk: Talk) -> None:
    talk = opened(new_talk, DESK.replace("closed =", "duplicate ="))
    talk.receive(new_mail(subject="Broken again"))
    second = talk.letters(ANNA)[-1]
    assert "root cause (#cause TEXT)" in talk.receive(reply_to(second, "#duplicate 1")).why
    talk.receive(reply_to(second, "#duplicate 1\n#override they are one"))
    says(talk, "#approve")
    assert (talk.ticket(2).status, talk.ticket(2).continued_by) == ("duplicate", 1)


def test_what_was_approved_can_be_taken_back(new_talk: Talk) -> None:
    talk = asked(new_talk)
    says(talk, "#approve")
    talk.receive(reply_to(last(talk, ANNA), "#undo"))
    assert (talk.ticket(1).status, talk.ticket(1).closed_at) == ("new", None)
