"""How tickets end: codes as agents spell them, fields that a desk asks for, in one mail and in any order."""

from __future__ import annotations

import pytest

from maild.tickets.commands import read_order
from maild.tickets.lifecycle import TRANSITIONS, Status, permission_for
from maild.tickets.lifecycle_policy import REQUIRABLE, LifecyclePolicy, Requirement
from maild.tickets.model import Ticket
from maild.tickets.names import Names
from maild.tickets.orders import Move, Order, SetField, Verdict
from maild.tickets.permissions import Permission
from maild.tickets.resolutions import BUILT_IN, Resolution, label_of, laid_over

ANNA = "anna@example.com"
OPEN = Ticket(number=1, status=Status.OPEN)
OWN = Resolution(code="goodwill", label={"de": "aus Kulanz erledigt"})
POLICY = LifecyclePolicy(
    resolutions=laid_over(BUILT_IN, [OWN, Resolution(code="no_answer", label={"de": "ohne Antwort"})]),
    requirements=(
        Requirement(to=Status.CLOSED, fields=("root_cause", "resolution_notes")),
        Requirement(to=Status.RESOLVED, fields=("serial_number",), types={"warranty_claim"}, priorities={"high"}),
        Requirement(to=Status.ON_HOLD, fields=("hold_reason",), queues={"repairs"}),
        Requirement(to=Status.DUPLICATE, fields=("contact",)),
    ),
)


BUILT_IN_ONLY = LifecyclePolicy()


def order(text: str, ticket: Ticket = OPEN, policy: LifecyclePolicy = BUILT_IN_ONLY) -> Order:
    return read_order(text, ticket, agent=ANNA, agents=frozenset({ANNA}), names=Names(lifecycle=policy))


@pytest.mark.parametrize(
    ("text", "code", "notes"),
    [
        ("no_answer", "no_answer", ""),
        ("no answer", "no_answer", ""),
        ("No-Answer", "no_answer", ""),
        ("no answer: silent since May", "no_answer", "silent since May"),
        ("Warranty Handoff, the maker has it", "warranty_handoff", "the maker has it"),
        ("ARTICLE  created – number 7", "article_created", "number 7"),
        ("resolved", "resolved", ""),
        ("Work-around", "workaround", ""),
        ("work around - use the other door", "workaround", "use the other door"),
        ("workaround use the other   door", "workaround", "use the other door"),
        ("goodwill", "goodwill", ""),
    ],
)
@pytest.mark.parametrize("command", ["resolve", "close"])
def test_codes_are_spelled_freely_and_notes_follow(command: str, text: str, code: str, notes: str) -> None:
    found = order(f"#{command} {text}", policy=LifecyclePolicy(resolutions=POLICY.resolutions))
    assert found.problems == ()
    assert found.moves == (Move(Status.RESOLVED if command == "resolve" else Status.CLOSED, "", code),)
    assert found.gives("resolution_notes") == (notes or None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("#close wrokaround", "did you mean workaround?"),
        ("#close no anser yet", "did you mean no_answer?"),
        ("#resolve Fixed the thing", "known are resolved, workaround, duplicate, warranty_handoff"),
        ("#close no", "no resolution code"),
        ("#close", "resolution code (#resolve CODE or #close CODE, where CODE is one of resolved, workaround"),
        ("#status closed", "resolution code (#resolve CODE or #close CODE"),
        ("#cause", "#cause the power supply"),
        ("#path", "#path a new power supply"),
    ],
)
def test_a_mistake_is_told_with_the_nearest_code_and_all_of_them(text: str, told: str) -> None:
    (problem,) = order(text).problems
    assert told in problem


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("#close", Status.RESOLVED, "workaround"),  # the ticket has one
        ("#status closed", Status.RESOLVED, "workaround"),
        ("#resolve", Status.OPEN, "resolved"),  # the plain word of newcomers
        ("#status resolved", Status.OPEN, "workaround"),
        ("#resolve no answer\n#close", Status.OPEN, "no_answer"),
    ],
)
def test_without_a_code_the_known_one_is_taken(text: str, status: Status, code: str) -> None:
    found = order(text, Ticket(number=1, status=status, resolution_code="workaround"))
    assert (found.problems, found.moves[-1].resolution_code) == ((), code)


def test_going_on_with_a_ticket_brings_no_code() -> None:
    reopened = order("#status open", Ticket(number=1, status=Status.CLOSED, resolution_code="resolved"))
    assert reopened.moves == (Move(Status.OPEN),)


LINES = ("#close resolved swapped it", "#cause rust", "#path by post")


@pytest.mark.parametrize("first", range(3))
def test_what_a_desk_asks_for_is_given_in_any_order(first: int) -> None:
    found = order("\n".join((*LINES[first:], *LINES[:first])), policy=POLICY)
    assert found.problems == ()
    assert {*found.fields} == {
        SetField("resolution_notes", "swapped it"),
        SetField("root_cause", "rust"),
        SetField("resolution_path", "by post"),
    }


WARRANTY = Ticket(number=1, status=Status.OPEN, type="warranty_claim", priority="high", queue="repairs")


@pytest.mark.parametrize(
    ("text", "ticket", "missing"),
    [
        ("#close resolved", OPEN, ["root cause (#cause TEXT)", "resolution notes (#close CODE NOTES or"]),
        ("#close resolved\n#cause rust", OPEN, ["resolution notes"]),
        ("#close", Ticket(number=1, status=Status.RESOLVED, resolution_code="resolved"), ["root cause"]),  # from there
        ("#status closed", OPEN, ["resolution code", "root cause"]),
        ("#resolve\n#close", OPEN, ["root cause"]),
        ("#close resolved done\n#set root_cause", Ticket(number=1, root_cause="rust"), ["root cause"]),  # taken away
        ("#resolve", WARRANTY, ["serial number (#set serial_number VALUE)"]),
        ("#resolve\n#type warranty_claim\n#priority high", OPEN, ["serial number"]),  # as the mail makes it
        ("#hold", WARRANTY, ["hold reason (#hold REASON)"]),
        ("#status on hold", WARRANTY, ["hold reason"]),
        ("#status duplicate", OPEN, ["contact (#customer ADDRESS)"]),
    ],
)
def test_what_is_missing_is_named_with_the_command_that_gives_it(text: str, ticket: Ticket, missing: list[str]) -> None:
    (problem,) = order(text, ticket, POLICY).problems
    assert [each for each in missing if each not in problem] == []


@pytest.mark.parametrize(
    ("text", "ticket"),
    [
        ("#resolve", OPEN),
        ("#resolve", Ticket(number=1, type="warranty_claim", priority="low")),
        ("#set serial_number X1\n#resolve", WARRANTY),
        ("#priority low\n#resolve", WARRANTY),
        ("#hold a part", WARRANTY),
        ("#customer kim@example.org\n#status duplicate", OPEN),
        ("#close", Ticket(number=1, resolution_code="resolved", root_cause="rust", resolution_notes="new one")),
    ],
)
def test_nothing_is_asked_for_twice_or_of_other_tickets(text: str, ticket: Ticket) -> None:
    assert order(text, ticket, POLICY).problems == ()


@pytest.mark.parametrize(
    ("before", "to", "permission"),
    [
        (Status.NEW, Status.OPEN, Permission.WRITE),
        (Status.OPEN, Status.ON_HOLD, Permission.WRITE),
        (Status.RESPONDED, Status.RESOLVED, Permission.RESOLVE),
        (Status.ON_HOLD, Status.DUPLICATE, Permission.RESOLVE),
        (Status.RESOLVED, Status.OPEN, Permission.RESOLVE),
        (Status.CLOSED, Status.ON_HOLD, Permission.RESOLVE),  # only by an override
    ],
)
def test_what_a_move_takes(before: Status, to: Status, permission: Permission) -> None:
    assert permission_for(before, to) is permission


VALUES = {"ADDRESS": "kim@example.org", "#priority NAME": "#priority high", "VALUE": "en"}


@pytest.mark.parametrize("field", [each for each in REQUIRABLE if not each.startswith(("hold", "resolution_"))])
def test_whoever_does_what_a_refusal_says_is_refused_no_more(field: str) -> None:
    policy = LifecyclePolicy(requirements=(Requirement(to=Status.RESPONDED, fields=(field,)),))
    ticket = Ticket(number=1, priority="")
    (problem,) = order("#status responded", ticket, policy).problems
    command = problem.partition("(")[2].rstrip(")")
    for word, value in VALUES.items():
        command = command.replace(word, value)
    assert order(f"{command}\n#status responded", ticket, policy).problems == ()


@pytest.mark.parametrize(
    ("code", "language", "label"),
    [
        ("no_answer", "en", "no answer"),
        ("no_answer", "de", "ohne Antwort"),  # one's own label
        ("no_answer", "fr", "sans réponse"),
        ("workaround", "de-AT", "Umgehungslösung"),
        ("resolved", "ar", "تم الحل"),
        ("resolved", "nl", "solved"),
        ("goodwill", "de", "aus Kulanz erledigt"),
        ("goodwill", "en", "goodwill"),
        ("of_former_times", "en", "of former times"),
    ],
)
def test_customers_read_a_label_in_their_language(code: str, language: str, label: str) -> None:
    assert POLICY.label_of(code, language) == label


def test_every_built_in_code_has_a_label_in_every_language_of_the_letters() -> None:
    labels = {(each.code, language): label_of(each.code, language) for each in BUILT_IN for language in each.label}
    assert {language for _, language in labels} == {"en", "de", "fr", "es", "ar"}
    assert len(set(labels.values())) >= len(BUILT_IN) * 5 - 2


def test_a_move_is_checked_by_the_policy_alone_as_well() -> None:
    rusty = Ticket(number=1, status=Status.RESOLVED, root_cause="rust", resolution_notes="new one")
    assert "resolution code" in POLICY.refusal(rusty, Status.CLOSED)
    assert POLICY.refusal(rusty, Status.CLOSED, code="resolved") == ""
    assert "cannot become" in POLICY.refusal(rusty, Status.ON_HOLD)


@pytest.mark.parametrize(
    ("text", "ticket", "refused", "moves"),
    [
        ("#close\n#override x", OPEN, 1, (Move(Status.CLOSED),)),
        ("#close resolved\n#override x", OPEN, 1, (Move(Status.CLOSED, "", "resolved"),)),
        ("#override x\n#hold a part", Ticket(number=1, status=Status.CLOSED), 1, (Move(Status.ON_HOLD, "a part"),)),
        ("#override x\n#resolve", OPEN, 0, (Move(Status.RESOLVED, "", "resolved"),)),
    ],
)
def test_an_override_keeps_what_is_refused(text: str, ticket: Ticket, refused: int, moves: tuple[Move, ...]) -> None:
    found = order(text, ticket, POLICY)
    assert (found.problems, len(found.refused), found.moves, found.override) == ((), refused, moves, "x")
    assert found.lines == tuple(line for line in text.split("\n") if "override" not in line)


@pytest.mark.parametrize(
    "text", ["#reopen\n#override x", "#hodl\n#override x", "#close fire\n#override x", "#set colour red\n#override x"]
)
def test_an_override_excuses_no_mistake(text: str) -> None:
    assert len(order(text).problems) == 1


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("#approve", Verdict(approves=True, request=None, words="")),
        ("#approve 12", Verdict(approves=True, request=12, words="")),
        ("#approve 12: fine\nGo on.", Verdict(approves=True, request=12, words="fine\nGo on.")),
        ("#approve\nGo on.", Verdict(approves=True, request=None, words="Go on.")),
        ("#deny ask him first", Verdict(approves=False, request=None, words="ask him first")),
        ("Ask him first.\n#deny 12", Verdict(approves=False, request=12, words="Ask him first.")),
    ],
)
def test_the_words_beside_a_verdict_are_never_for_the_customer(text: str, verdict: Verdict) -> None:
    found = order(text)
    assert (found.verdict, found.words, found.stays_inside, found.problems) == (verdict, "", True, ())


def test_each_move_in_the_table_is_one_that_commands_can_make() -> None:
    for before, moves in TRANSITIONS.items():
        for to in moves:
            ticket = Ticket(number=1, status=before, resolution_code="resolved")
            found = order(f"#status {to}", ticket)
            assert (found.problems, [move.to for move in found.moves]) == ((), [to])


def test_commands_are_kept_as_they_were_written() -> None:
    assert order("#Close No-Answer\n#override x\n#tag +a").lines == ("#close No-Answer", "#tag +a")
