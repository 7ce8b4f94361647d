"""Whose order it is that somebody names, and which fields of a ticket follow."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from maild.app.desk import Desk
from maild.app.desk_structure import Organisation, Queue
from maild.app.lookups import Entry, Looked
from maild.app.references import customer_by_reference, fields_of, judged
from maild.ids import Signer
from maild.routing.facts import Fit, Reference

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DESK = Desk(
    name="Support",
    address="support@example.com",
    signer=Signer([b"0123456789abcdef"]),
    queues=(Queue(name="support", addresses=("support@example.com",)),),
    agents={"anna@staff.example": "Anna"},
    organisations=(
        Organisation(name="ACME", domains=("acme.example",)),
        Organisation(name="Other", domains=("other.example",)),
    ),
)
KIM, LEE = "kim@acme.example", "lee@free.example"
NAMED = Reference(sort="order", key="SO-1", directory="orders")


def said(customer: str = "", trouble: str = "", **facts: str) -> Looked:
    return Looked(Entry("SO-1", {"customer": customer, **facts} if customer else facts), trouble, NOW)


@pytest.mark.parametrize(
    ("customer", "sender", "fit"),
    [
        (KIM, KIM, "fits"),
        (KIM, "max@acme.example", "fits"),  # a colleague
        ("ACME", "max@acme.example", "fits"),
        ("acme.example", "max@acme.example", "fits"),
        ("acme", LEE, "fits"),  # nobody knows whose Lee is
        (KIM, LEE, "fits"),
        (LEE, LEE, "fits"),
        (LEE.upper(), LEE, "fits"),
        (LEE, "sam@free.example", "fits"),  # one domain, which is no mail provider's
        ("Unknown Ltd", LEE, "fits"),
        ("", KIM, "fits"),
        (KIM, "", "fits"),  # a program, which has no orders of its own
        (KIM, "anna@staff.example", "fits"),
        ("lee@gmail.com", "sam@gmail.com", "mismatch"),
        (LEE, KIM, "mismatch"),
        (LEE, "sam@elsewhere.example", "mismatch"),
        ("Unknown Ltd", KIM, "mismatch"),
        ("Other", KIM, "mismatch"),
        ("x@other.example", KIM, "mismatch"),
    ],
)
def test_whose_order_it_is(customer: str, sender: str, fit: str) -> None:
    assert judged(NAMED, said(customer), sender, DESK).fit == fit


@pytest.mark.parametrize(
    ("looked", "fit", "why"),
    [
        (said(), Fit.FITS, "the directory orders has it"),
        (Looked(at=NOW), Fit.UNKNOWN, "the directory orders does not know it"),
        (Looked(trouble="it is away"), Fit.UNCHECKED, "it is away"),
        (Looked(trouble="it is away", at=NOW), Fit.UNCHECKED, "it is away"),  # it may have come to be since
        (said(trouble="it is away"), Fit.STALE, "it fitted on 2026-11-22 12:00; since then: it is away"),
        (said("Other", trouble="it is away"), Fit.MISMATCH, "it belongs to Other, not to ACME"),
    ],
)
def test_what_an_answer_means(looked: Looked, fit: Fit, why: str) -> None:
    reference = judged(NAMED, looked, KIM, DESK)
    assert (reference.fit, reference.why) == (fit, why)


def test_the_key_is_written_as_the_directory_writes_it() -> None:
    assert judged(NAMED, Looked(Entry("So-1"), at=NOW), KIM, DESK).key == "So-1"


def test_a_long_fact_is_cut() -> None:
    assert len(judged(NAMED, said(note="x" * 5000), KIM, DESK).facts["note"]) == 200


def known(sort: str, key: str, fit: Fit, **facts: str) -> Reference:
    return Reference(sort=sort, key=key, fit=fit, facts=facts)


def test_the_first_of_each_sort_that_may_be_believed_fills_a_field() -> None:
    references = [
        known("order", "SO-0", Fit.UNKNOWN),
        known("order", "SO-1", Fit.MISMATCH, product="P-9"),
        known("order", "SO-2", Fit.UNCHECKED),
        known("order", "SO-3", Fit.FITS, product="P-3"),
        known("serial", "X-1", Fit.STALE),
    ]
    assert fields_of(references) == {"order_reference": "SO-2", "serial_number": "X-1", "product": "P-3"}
    assert fields_of([*references, known("product", "P-1", Fit.FITS)])["product"] == "P-1"


def test_only_what_fits_tells_whose_a_stranger_is() -> None:
    doubtful = [known("order", "SO-1", fit, customer="ACME") for fit in Fit if fit is not Fit.FITS]
    assert customer_by_reference([*doubtful, known("order", "SO-2", Fit.FITS, customer="Nobody")], DESK) is None
    found = customer_by_reference([*doubtful, known("serial", "X-1", Fit.FITS, customer="x@other.example")], DESK)
    assert found is not None
    assert (found[0].name, found[1].key) == ("Other", "X-1")
