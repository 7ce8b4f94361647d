"""Orders, serial numbers and customers that others keep: recognised in mails, checked, shown to agents."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from maild.bootstrap.directories import OF_DESK
from maild.bootstrap.parts import Parts
from maild.store import schema
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.desk import SetUp, running_desk
from maild.testing.endpoint import FakeEndpoint
from maild.testing.mails import new_mail, reply_to
from maild.testing.nursery import Nursery
from maild.testing.waiting import wait_until

KIM, LEE, ANNA = "kim@acme.example", "lee@free.example", "anna@staff.example"
ORDER = {"number": "SO-123456", "customer": KIM, "sku": "P-7", "shipped": "2026-11-01"}
TABLES = """
[[organisation]]
name = "ACME"
domains = ["acme.example"]

[[organisation]]
name = "Other"
domains = ["other.example"]

[[directory]]
name = "orders"
of = "orders"
http = {{ url = "{url}/{{key}}" }}
columns = {{ key = "number", customer = "customer", product = "sku", shipped = "shipped", branch = "branch" }}
patterns = ['\\bSO-\\d{{6}}\\b']
timeout = "{timeout}"
"""


@pytest.fixture
def shop() -> Iterator[FakeEndpoint]:
    server = FakeEndpoint({"SO-123456": ORDER})
    server.start()
    yield server
    server.stop()


@pytest.fixture
def desk(new_talk: Talk, shop: FakeEndpoint) -> Callable[..., Conversation]:
    """A desk that may ask the shop about orders."""

    def make(more: str = "", timeout: str = "20s") -> Conversation:
        return new_talk(settings=SETTINGS + TABLES.format(url=shop.url, timeout=timeout) + more)

    return make


def references(talk: Conversation) -> list[tuple[str, str, str]]:
    return [(row.sort, row.key, row.fit) for row in talk.rows(schema.reference)]


def named(talk: Conversation) -> list[str]:
    """The lines of the last notification that tell what the mails name."""
    text = talk.letters(ANNA)[-1].text.replace("\r\n", "\n")
    if "Named in the mails:" not in text:
        return []
    return [line.strip() for line in text.split("Named in the mails:\n")[1].split("\n\n")[0].split("\n")]


def test_an_order_is_recognised_checked_and_shown_to_the_agent_alone(desk: Callable[..., Conversation]) -> None:
    talk = desk()
    done = talk.receive(new_mail("My order so-123456? No: SO-123456 is late", sender=KIM))
    assert "order SO-123456 fits: the directory orders has it" in done.why
    assert references(talk) == [("order", "SO-123456", "fits")]
    assert named(talk) == [f"order SO-123456: fits, customer {KIM}, product P-7, shipped 2026-11-01 (orders)"]
    ticket = talk.ticket(1)
    assert (ticket.order_reference, ticket.product, ticket.customer) == ("SO-123456", "P-7", "ACME")
    [acknowledged] = talk.letters(KIM)
    assert "shipped" not in acknowledged.text
    assert "P-7" not in acknowledged.text


def test_an_order_that_nobody_has_is_shown_as_such_and_fills_no_field(desk: Callable[..., Conversation]) -> None:
    talk = desk()
    talk.receive(new_mail("Where is SO-000000?", sender=KIM))
    assert named(talk) == ["order SO-000000: unknown (orders)"]
    assert talk.ticket(1).order_reference == ""


def test_an_order_of_another_customer_is_a_warning(desk: Callable[..., Conversation]) -> None:
    talk = desk()
    talk.receive(new_mail("Where is SO-123456?", sender="eve@other.example"))
    assert references(talk) == [("order", "SO-123456", "mismatch")]
    text = talk.letters(ANNA)[-1].text
    assert "Careful: Of order SO-123456, tell the sender nothing: it belongs to ACME, not to Other." in text
    assert (talk.ticket(1).order_reference, talk.ticket(1).customer) == ("", "Other")


# ---------------------------------------------------------------------------- who the customer is


def test_an_order_tells_who_the_customer_of_a_stranger_may_be_and_lets_him_see_nothing(
    desk: Callable[..., Conversation],
) -> None:
    talk = desk()
    talk.receive(new_mail("First", sender=KIM))
    done = talk.receive(new_mail("From home: SO-123456", sender=LEE))
    assert talk.ticket(2).customer == "ACME"
    assert "customer ACME: known only by order SO-123456" in done.why
    text = talk.letters(ANNA)[-1].text
    assert "Careful: The customer ACME is known only by order SO-123456, which anybody may know." in text
    # Nor is Lee a colleague: a guessed tag of Kim's ticket opens a ticket of its own.
    talk.receive(new_mail("Re: First [#1] SO-123456", sender=LEE))
    assert talk.settled()[-1].ticket == 3


def test_the_domain_of_the_sender_stands_above_an_order(desk: Callable[..., Conversation], shop: FakeEndpoint) -> None:
    shop.entries["SO-123456"] = ORDER | {"customer": "Other"}
    talk = desk()
    talk.receive(new_mail("SO-123456", sender=KIM))
    assert talk.ticket(1).customer == "ACME"


def test_an_agents_forward_is_judged_by_the_customers_address(desk: Callable[..., Conversation]) -> None:
    talk = desk()
    talk.receive(new_mail("An internal matter about SO-123456", sender=ANNA))
    assert references(talk) == [("order", "SO-123456", "fits")]
    assert talk.ticket(1).customer == ""  # an agent belongs to no customer by naming an order


# ---------------------------------------------------------------------------- rules


def test_rules_see_what_a_mail_names_and_whose_it_is(desk: Callable[..., Conversation]) -> None:
    talk = desk("""
[[queue]]
name = "support"
addresses = ["support@example.com"]
[[queue]]
name = "orders"
addresses = ["orders@example.com"]
[[rule]]
name = "pumps"
when = { product = "P-*" }
then = { tags = ["pump"] }
[[rule]]
name = "named orders of ACME"
when = { order = true, customer = "ACME" }
then = { queue = "orders" }
""")
    talk.receive(new_mail("Where is SO-123456?", sender=LEE))
    talk.receive(new_mail("Where is it?", sender=KIM))
    assert [(row.queue, row.tags) for row in talk.rows(schema.ticket)] == [("orders", "pump"), ("support", "")]


def test_an_order_tells_the_branch_of_a_customer_that_has_none(
    desk: Callable[..., Conversation], shop: FakeEndpoint
) -> None:
    shop.entries["SO-123456"] = ORDER | {"branch": "north"}
    talk = desk("""
[[branch]]
name = "North"
manager = "ben@staff.example"
[[branch]]
name = "South"
domains = ["south.example"]
""")
    talk.receive(new_mail("SO-123456", sender=KIM))
    assert talk.ticket(1).branch == "North"


# ---------------------------------------------------------------------------- replies


def test_a_reply_adds_what_it_names_and_fills_only_what_is_empty(
    desk: Callable[..., Conversation], shop: FakeEndpoint
) -> None:
    shop.entries["SO-222222"] = {"number": "SO-222222", "customer": KIM}
    talk = desk()
    talk.receive(new_mail("It is late", sender=KIM))
    assert named(talk) == []
    talk.receive(reply_to(talk.letters(KIM)[-1], "I mean SO-123456", sender=KIM))
    assert talk.ticket(1).order_reference == "SO-123456"
    talk.receive(reply_to(talk.letters(KIM)[-1], "And SO-222222", sender=KIM))
    assert talk.ticket(1).order_reference == "SO-123456"
    assert [line.split(":")[0] for line in named(talk)] == ["order SO-123456", "order SO-222222"]


# ---------------------------------------------------------------------------- trouble


def test_a_directory_that_is_away_costs_no_mail_and_what_was_said_last_stands(
    desk: Callable[..., Conversation], shop: FakeEndpoint
) -> None:
    talk = desk()
    talk.receive(new_mail("SO-123456", sender=KIM))
    shop.stop()
    talk.wait(timedelta(hours=2))
    assert talk.receive(new_mail("SO-123456 again", sender=KIM)).outcome == "new_ticket"
    assert named(talk)[0].startswith(f"order SO-123456: stale, customer {KIM}")
    assert "it fitted on 2026-03-02 09:00; since then: it cannot be reached (orders)" in named(talk)[0]
    assert talk.ticket(2).order_reference == "SO-123456"
    talk.receive(new_mail("SO-333333", sender=KIM))
    assert named(talk) == ["order SO-333333: not checked; it cannot be reached (orders)"]
    assert talk.ticket(3).order_reference == "SO-333333"
    assert [line["event"] for line in talk.log if str(line["event"]).startswith("directory")] == [
        "directory in trouble"
    ]


@pytest.mark.parametrize("mode", ["hang", "drip"])
def test_a_group_of_mails_waits_once_and_for_no_longer_than_the_limit(
    desk: Callable[..., Conversation], shop: FakeEndpoint, mode: str
) -> None:
    talk = desk(timeout="2s")
    shop.mode = mode
    for number in range(20):
        talk.accept(new_mail(f"Where is SO-{number:06}?", sender=KIM))
    begun = time.monotonic()
    talk.work()  # 20 times the limit would be more than the whole test may take
    assert time.monotonic() - begun < 35
    assert {done.outcome for done in talk.settled()} == {"new_ticket"}
    assert {fit for _, _, fit in references(talk)} == {"unchecked"}
    assert len(shop.asked) <= 4  # one for each thread, and then it was left alone


def test_an_answer_about_another_order_is_refused_and_noted(
    desk: Callable[..., Conversation], shop: FakeEndpoint
) -> None:
    shop.entries["SO-999999"] = ORDER
    talk = desk()
    done = talk.receive(new_mail("SO-999999", sender=KIM))
    assert references(talk) == [("order", "SO-999999", "unchecked")]
    assert "it was asked about 'SO-999999' and answered about 'SO-123456'" in done.why


def test_a_mail_of_nothing_but_orders_asks_for_few_of_them(
    desk: Callable[..., Conversation], shop: FakeEndpoint
) -> None:
    talk = desk()
    talk.receive(new_mail(" ".join(f"SO-{number:06}" for number in range(500)), sender=KIM))
    assert len(shop.asked) == 10


# ---------------------------------------------------------------------------- what changes later


def test_an_order_that_is_gone_is_reported(desk: Callable[..., Conversation], shop: FakeEndpoint) -> None:
    talk = desk()
    talk.receive(new_mail("SO-123456", sender=KIM))
    assert talk.parts.recheck.run() == 0
    del shop.entries["SO-123456"]
    talk.wait(timedelta(minutes=59))
    assert talk.parts.recheck.run() == 0  # its answer is still fresh
    talk.wait(timedelta(minutes=1))
    assert talk.parts.recheck.run() == 1
    assert references(talk) == [("order", "SO-123456", "unknown")]
    notes = [row for row in talk.events(1) if row.kind == "note"]
    assert [row.actor for row in notes] == ["system"]
    [content] = [row.content for row in talk.rows(schema.event_content) if row.seq == notes[0].seq]
    said = "the directory orders does not know it; it fitted until 2026-03-02 09:00"
    assert content == {"words": f"The order SO-123456 no longer fits: {said}."}
    talk.receive(reply_to(talk.letters(KIM)[-1], "And now?", sender=KIM))
    assert named(talk) == [f"order SO-123456: unknown; {said} (orders)"]
    talk.wait(timedelta(hours=2))
    assert talk.parts.recheck.run() == 0  # it is told of once
    assert len([row for row in talk.events(1) if row.kind == "note"]) == 1


def test_an_order_that_is_written_with_other_blanks_than_the_directorys_is_one(
    desk: Callable[..., Conversation], shop: FakeEndpoint
) -> None:
    """Else it was looked up again for ever, and nothing behind it was."""
    talk = desk(
        '\n[[directory]]\nname = "parts"\nof = "products"\npatterns = [\'PN\\s+\\d{3}\']\n'
        f'http = {{ url = "{shop.url}/{{key}}" }}\ncolumns = {{ key = "number" }}\n'
    )
    talk.receive(new_mail("What about PN  123?", sender=KIM))
    assert references(talk) == [("product", "PN  123", "unknown")]
    shop.entries["PN  123"] = {"number": "PN 123"}
    talk.wait(timedelta(hours=1))
    assert replace(talk.parts.recheck, stopping=iter([False, False, True]).__next__).run() == 0
    assert references(talk) == [("product", "PN  123", "fits")]


def test_an_order_that_is_somebody_elses_now_is_reported(desk: Callable[..., Conversation], shop: FakeEndpoint) -> None:
    talk = desk()
    talk.receive(new_mail("SO-123456", sender=KIM))
    shop.entries["SO-123456"] = ORDER | {"customer": "Other"}
    talk.wait(timedelta(hours=1))
    assert talk.parts.recheck.run() == 1
    assert references(talk) == [("order", "SO-123456", "mismatch")]


def test_what_nobody_could_be_asked_about_is_asked_soon_again(
    desk: Callable[..., Conversation], shop: FakeEndpoint
) -> None:
    shop.stop()
    talk = desk()
    talk.receive(new_mail("SO-123456", sender=KIM))
    assert references(talk) == [("order", "SO-123456", "unchecked")]
    shop.start()
    talk.wait(timedelta(minutes=5))
    assert talk.parts.recheck.run() == 0
    assert references(talk) == [("order", "SO-123456", "fits")]
    assert talk.ticket(1).product == "P-7"
    assert talk.rows(schema.reference)[0].facts["shipped"] == "2026-11-01"


def test_history_that_is_imported_asks_nobody_while_it_is_imported(
    desk: Callable[..., Conversation], shop: FakeEndpoint
) -> None:
    talk = desk()
    talk.receive(new_mail("SO-123456", sender=KIM), silent=True)
    assert shop.asked == []
    talk.wait(timedelta(minutes=5))
    talk.parts.recheck.run()
    assert references(talk) == [("order", "SO-123456", "fits")]


def test_a_closed_ticket_is_looked_at_no_more_until_it_is_opened_again(
    desk: Callable[..., Conversation], shop: FakeEndpoint
) -> None:
    talk = desk()
    talk.receive(new_mail("SO-123456", sender=KIM))
    talk.receive(reply_to(talk.letters(ANNA)[-1], "#close resolved", sender=ANNA))
    asked = len(shop.asked)
    for _ in range(3):
        talk.wait(timedelta(hours=1))
        talk.parts.recheck.run()
    assert len(shop.asked) <= asked + 1  # it was due once
    assert talk.rows(schema.reference)[0].next_at is None
    talk.receive(reply_to(talk.letters(KIM)[0], "It is not done at all, I am afraid", sender=KIM))
    assert talk.statuses() == ["open"]
    assert talk.rows(schema.reference)[0].next_at is not None


# ---------------------------------------------------------------------------- the desk itself


LISTS = """
[[directory]]
name = "crm"
of = "customers"
csv = "customers.csv"

[[directory]]
name = "people"
of = "agents"
csv = "people.csv"

[[directory]]
name = "places"
of = "branches"
csv = "places.csv"
"""


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, "utf-8")


def test_customers_agents_and_branches_come_from_lists(new_talk: Talk, tmp_path: Path) -> None:
    write(tmp_path, "customers.csv", "name,domains,groups,branch\nACME,acme.example;acme.test,Key Accounts,North\n")
    write(
        tmp_path,
        "people.csv",
        "address;name;role;skills\ncara@staff.example;Cara;manager;French, pumps\n"
        "support@example.com;loop\nnonsense;\nmallory@staff.example;Mallory;emperor\n",
    )
    write(tmp_path, "places.csv", "name\tmanager\nNorth\tcara@staff.example\n")
    talk = new_talk(settings=SETTINGS + LISTS)
    desk = talk.parts.desk
    assert set(desk.agents) == {ANNA, "ben@staff.example", "cara@staff.example"}
    assert [role.name for role in desk.person("cara@staff.example").roles] == ["manager"]
    assert desk.agent_facts["cara@staff.example"].skills == {"french", "pumps"}
    acme = desk.organisation_of("kim@acme.test")
    assert acme is not None
    assert (acme.name, acme.groups) == ("ACME", frozenset({"key accounts"}))
    branch = desk.branch_of(KIM)
    assert branch is not None
    assert branch.manager == "cara@staff.example"
    assert {"event": "entries of directories left out", "count": 3} in talk.log
    talk.receive(new_mail("Hello", sender=KIM))
    assert talk.ticket(1).customer == "ACME"
    assert len(talk.letters("cara@staff.example")) == 1


def test_a_list_that_is_gone_takes_nobody_away(new_talk: Talk, tmp_path: Path) -> None:
    for name, text in (
        ("customers.csv", "name,domains\nACME,acme.example\nGmail people,gmail.com\n"),
        ("people.csv", "address,name\ncara@staff.example,Cara\n"),
        ("places.csv", "name\n"),
    ):
        write(tmp_path, name, text)
    first = new_talk(settings=SETTINGS + LISTS)
    assert first.parts.desk.organisation_of("x@gmail.com") is None  # a mail provider's is nobody's own
    (tmp_path / "people.csv").write_text("nonsense\n")
    assert first.parts.directories.load(OF_DESK, force=True) is False
    [standing] = [each for each in first.parts.directories.standings() if each.name == "people"]
    assert standing.stale
    assert "has no column address" in standing.trouble
    second = new_talk(settings=SETTINGS + LISTS)  # and not at the next start either
    assert "cara@staff.example" in second.parts.desk.agents


def test_a_list_that_has_changed_makes_a_new_desk(new_talk: Talk, tmp_path: Path) -> None:
    for name, text in (
        ("customers.csv", "name,domains\nACME,acme.example\n"),
        ("people.csv", "address,name\n"),
        ("places.csv", "name\n"),
    ):
        write(tmp_path, name, text)
    talk = new_talk(settings=SETTINGS + LISTS)
    parts = talk.parts
    assert parts.directories.load(OF_DESK) is False
    write(tmp_path, "people.csv", "address,name\ndora@staff.example,Dora\n")
    assert parts.directories.load(OF_DESK) is True
    again = Parts(parts.config, talk.database, talk, directories=parts.directories)
    assert "dora@staff.example" in again.desk.agents


def test_what_the_configuration_says_wins(new_talk: Talk, tmp_path: Path) -> None:
    write(tmp_path, "customers.csv", "name,domains\nacme,evil.example\nOther,acme.example other\n")
    write(tmp_path, "people.csv", f"address,name\n{ANNA},Nobody\n")
    write(tmp_path, "places.csv", "name\n")
    own = '\n[[organisation]]\nname = "ACME"\ndomains = ["acme.example"]\n'
    desk = new_talk(settings=SETTINGS + own + LISTS).parts.desk
    assert desk.agents[ANNA] == "Anna Agent"
    assert [each.name for each in desk.organisations] == ["ACME", "Other"]
    assert desk.organisation_of("x@evil.example") is None


def test_the_daemon_reads_changed_lists_and_looks_references_up_again(
    setup: SetUp, nursery: Nursery, shop: FakeEndpoint, tmp_path: Path
) -> None:
    write(tmp_path, "people.csv", "address,name\n")
    del shop.entries["SO-123456"]
    people = '\n[[directory]]\nname = "people"\nof = "agents"\ncsv = "people.csv"\n'
    settings = SETTINGS + TABLES.format(url=shop.url, timeout="20s") + 'refresh = "1s"\n' + people
    with running_desk(tmp_path, setup, nursery, settings=settings) as running:
        running.send(new_mail("SO-123456", sender=KIM))
        running.letters(ANNA)
        assert [row.fit for row in running.rows(schema.reference)] == ["unknown"]
        shop.entries["SO-123456"] = ORDER
        write(tmp_path, "people.csv", "address,name\ncara@staff.example,Cara\n")

        def cara_is_told() -> bool:
            # Each process reads the list for itself, and ends what it is at with the list that it began with.
            if running.logged("directories have changed") and running.at_rest():
                running.send(new_mail("Another", sender=KIM))
            return bool(running.sink.to("cara@staff.example"))

        wait_until(cara_is_told, "the list to be read again")
        wait_until(
            lambda: [row.fit for row in running.rows(schema.reference)] == ["fits"], "the order to be looked up again"
        )
        assert running.faults() == []


# ---------------------------------------------------------------------------- what agents say


def test_an_order_that_an_agent_names_is_looked_up_at_once(desk: Callable[..., Conversation]) -> None:
    talk = desk()
    talk.receive(new_mail("It is late", sender=KIM))
    talk.receive(reply_to(talk.letters(ANNA)[-1], "#order SO-123456 20"))
    ticket = talk.ticket(1)
    assert (ticket.order_line, ticket.product) == ("20", "P-7")
    assert references(talk) == [("order", "SO-123456", "fits")]
    told = " ".join(talk.letters(ANNA)[-1].text.split())
    assert "order SO-123456: fits" in told
    assert f"customer {KIM}" in told


@pytest.mark.parametrize(
    ("key", "said"),
    [("SO-123456", "careful, order SO-123456: mismatch"), ("SO-000000", "careful, order SO-000000: unknown")],
)
def test_an_agent_is_warned_of_an_order_that_does_not_fit(
    desk: Callable[..., Conversation], key: str, said: str
) -> None:
    talk = desk()
    talk.receive(new_mail("It is late", sender="eve@other.example"))
    talk.receive(reply_to(talk.letters(ANNA)[-1], f"#order {key}"))
    assert talk.ticket(1).order_reference == key  # the agent may know better
    assert said in " ".join(talk.letters(ANNA)[-1].text.split())


def test_a_key_of_which_no_directory_knows_is_just_kept(desk: Callable[..., Conversation]) -> None:
    talk = desk()
    talk.receive(new_mail("It is late", sender=KIM))
    talk.receive(reply_to(talk.letters(ANNA)[-1], "#serial SN-1\n#product P-9\n#claim WC-2"))
    ticket = talk.ticket(1)
    assert (ticket.serial_number, ticket.product, ticket.claim) == ("SN-1", "P-9", "WC-2")
    assert references(talk) == []
