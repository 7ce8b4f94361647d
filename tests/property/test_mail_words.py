"""Laws of what is read from people's words: gratitude, absence, bounces; for any text."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from maild.mail import Identity, Kind, away_until, classify, is_mere_thanks, read_mail

PIECES = st.sampled_from(
    ["Thanks", "danke", "thank you", "Ann", "works now", "until ", "back on ", "bis ", "1. bis ", "5 January",
     "01/05/2027", "5.1.", "2027-01-05", "31.2.2027", "29 February", "1月5日まで", "\n", " ", ",", ".", "👍",
     "<bob@x.example>", "550 5.1.1 ",
     "could not be delivered", "following recipients:\n", "bob", "--", "ſ", "İ", "٥", "\u200b", "!"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=20).map(" ".join)
DAYS = st.dates(date(2020, 1, 1), date(2090, 1, 1))


@given(TEXTS, DAYS)
def test_an_absence_ends_in_days_to_come(text: str, today: date) -> None:
    until = away_until(text[:50], text, today)
    assert until is None or until >= today


@given(TEXTS, st.text(max_size=10))
def test_a_question_or_an_unknown_word_is_no_mere_thanks(text: str, name: str) -> None:
    is_mere_thanks(text, name)
    assert not is_mere_thanks(f"{text} qzxwv", name)
    assert not is_mere_thanks(f"Thanks {text}?", name)


@given(TEXTS)
def test_whatever_a_daemon_writes_is_not_acknowledged(text: str) -> None:
    raw = f"From: MAILER-DAEMON@x.example\nContent-Type: text/plain; charset=utf-8\n\n{text}"
    found = classify(read_mail(raw.encode()), None, Identity())
    assert not found.acknowledge
    assert found.kind in {Kind.BOUNCE, Kind.NOTICE, Kind.AUTO_REPLY}
