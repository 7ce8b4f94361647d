"""A rating in a reply: what counts as one, in five languages, and what only looks like one."""

import pytest

from maild.mail.ratings import Rating, rating_of

RATINGS = [
    ("5", 5, ""),
    ("1", 1, ""),
    (" 4 \n", 4, ""),
    ("5!", 5, ""),
    ("5.", 5, ""),
    ("5/5", 5, ""),
    ("5/5 thanks", 5, "thanks"),
    ("3 / 5", 3, ""),
    ("4 out of 5, quick answer", 4, "quick answer"),
    ("5 - great service", 5, "great service"),
    ("2: nobody called me back", 2, "nobody called me back"),
    ("5 thanks a lot", 5, "thanks a lot"),
    ("1\nNobody answered for a week.\nWhy?", 1, "Nobody answered for a week.\nWhy?"),
    ("★★★★", 4, ""),
    ("★★★★☆", 4, ""),
    ("⭐⭐⭐", 3, ""),
    ("⭐️⭐️⭐️⭐️⭐️ wonderful", 5, "wonderful"),
    ("5️⃣", 5, ""),
    ("4 stars", 4, ""),
    ("1 star, too slow", 1, "too slow"),
    ("Rating: 3", 3, ""),
    ("4 von 5", 4, ""),
    ("5 Sterne, vielen Dank", 5, "vielen Dank"),
    ("Bewertung: 2", 2, ""),
    ("4 sur 5", 4, ""),
    ("3 étoiles", 3, ""),
    ("ma note : 5", 5, ""),
    ("5 de 5", 5, ""),
    ("4 estrellas", 4, ""),
    ("٤", 4, ""),
    ("٥ من ٥", 5, ""),
    ("٣ نجوم", 3, ""),
    ("التقييم: ٥", 5, ""),
    ("5\nKim Kunde", 5, ""),
]
NO_RATINGS = [
    "",
    "0",
    "6",
    "10",
    "55",
    "4.5",
    "5/10",
    "5/5.5",
    "2 machines are broken",
    "2, 3 and 4 are broken",
    "3-4 days",
    "3 - 4 days",
    "1. It is slow\n2. It is loud",
    "5% of them fail",
    "5kg",
    "4:30 would suit me",
    "+5",
    "-5",
    "the 5",
    "I had 5",
    "★★★★★★",
    "★★☆☆",
    "5 minutes",
    "2 more are missing",
    "3 de mis equipos",
    "5 von 7",
]


@pytest.mark.parametrize(("text", "stars", "comment"), RATINGS)
def test_a_rating_is_read_with_its_comment(text: str, stars: int, comment: str) -> None:
    assert rating_of(text, "Kim Kunde") == Rating(stars, comment)


@pytest.mark.parametrize("text", NO_RATINGS)
def test_what_only_begins_with_a_digit_is_no_rating(text: str) -> None:
    assert rating_of(text) is None


@pytest.mark.processor(2)
@pytest.mark.timeout(60)
@pytest.mark.parametrize("word", ["rating", "my rating is", "5", "5 /", "★"])
def test_a_long_run_of_blanks_is_read_in_no_time(word: str) -> None:
    assert rating_of(f"{word}{' ' * 200_000}x") is None or word == "★"
    assert rating_of(f"5 {'very ' * 50_000}good") is None
