"""Until when somebody is away, from the words of automatic replies."""

from __future__ import annotations

from datetime import date

import pytest

from maild.mail import away_until

TODAY = date(2026, 12, 14)  # a Monday

UNTIL = [
    ("I am out of the office until 5 January.", "2027-01-05"),
    ("I am out of the office until January 5, 2027 and will answer then.", "2027-01-05"),
    ("I'm away through Friday, January 8th.", "2027-01-08"),
    ("I will be back on Monday, Jan 4th.", "2027-01-03"),
    ("I am away. I will return to the office on 6 January 2027.", "2027-01-05"),
    ("Returning 2027-01-06", "2027-01-05"),
    ("Thank you for your mail. I am on leave from 20 December to 3 January.", "2027-01-03"),
    ("I'm on vacation August 1-12, 2027.", "2027-08-12"),
    ("I am out until 13/01/2027.", "2027-01-13"),
    ("I am out until 01/13/2027.", "2027-01-13"),
    ("I am out until Tuesday, 01/05/2027.", "2027-01-05"),
    ("I am out from 12/20/2026 until 01/05/2027.", "2027-01-05"),
    ("I am away from 21.12.2026 until 05.01.2027.", "2027-01-05"),
    ("On 6 January I will be back.", "2027-01-05"),
    ("I am out of office from 14 December until 18 December. My mobile is 555 10 12.", "2026-12-18"),
    ("Ich bin bis zum 05.01.2027 nicht im Büro.", "2027-01-05"),
    ("Ich bin bis einschließlich 5. Januar abwesend.", "2027-01-05"),
    ("Ich bin vom 21.12. bis 6.1. im Urlaub.", "2027-01-06"),
    ("Ich bin vom 1. bis 12. August 2027 im Urlaub.", "2027-08-12"),
    ("Ab dem 7. Januar bin ich wieder erreichbar.", "2027-01-06"),
    ("Ich bin am 07.01.2027 wieder im Büro.", "2027-01-06"),
    ("Ich bin wieder erreichbar ab Montag, den 4. Januar.", "2027-01-03"),
    ("Bis 5.1. bin ich nicht da.", "2027-01-05"),
    ("Je suis absent jusqu'au 3 mars.", "2027-03-03"),
    ("Je suis en congé du 21 décembre au 4 janvier inclus.", "2027-01-04"),
    ("Je serai de retour le lundi 4 janvier 2027.", "2027-01-03"),
    ("Absente jusqu’au 05/01/2027.", "2027-01-05"),
    ("Estoy fuera de la oficina hasta el 5 de enero.", "2027-01-05"),
    ("Vuelvo el 4 de enero de 2027.", "2027-01-03"),
    ("Estaré ausente del 21 al 31 de diciembre.", "2026-12-31"),
    ("Sono fuori ufficio fino al 7 gennaio.", "2027-01-07"),
    ("Rientro il 4 gennaio 2027.", "2027-01-03"),
    ("Sarò assente dal 1 al 12 agosto 2027", "2027-08-12"),
    ("Estou ausente até 5 de janeiro.", "2027-01-05"),
    ("Regresso a 4 de janeiro de 2027.", "2027-01-03"),
    ("Ik ben afwezig tot en met 5 januari.", "2027-01-05"),
    ("Op maandag 4 januari ben ik weer terug.", "2027-01-03"),
    ("Ik ben terug op 4 januari 2027.", "2027-01-03"),
    ("Jestem nieobecny do 5 stycznia.", "2027-01-05"),
    ("Wracam 4 stycznia 2027.", "2027-01-03"),
    ("Jag är ledig till och med den 6 januari.", "2027-01-06"),
    ("Jag är tillbaka den 7 januari.", "2027-01-06"),
    ("Jeg er på ferie til og med 3. januar.", "2027-01-03"),
    ("Jeg er tilbage den 4. januar 2027.", "2027-01-03"),
    ("Jeg er tilbake 4. januar.", "2027-01-03"),
    ("Olen lomalla 6. tammikuuta asti.", "2027-01-06"),
    ("Jsem mimo kancelář do 5. ledna.", "2027-01-05"),
    ("2027. január 5-ig szabadságon vagyok.", "2027-01-05"),
    ("Sunt plecat până la 5 ianuarie.", "2027-01-05"),
    ("5 Ocak 2027 tarihine kadar izindeyim.", "2027-01-05"),
    ("Я в отпуске до 10 января.", "2027-01-10"),
    ("Я в отпуске с 21 декабря по 8 января.", "2027-01-08"),
    ("Я у відпустці до 10 січня.", "2027-01-10"),
    ("1月5日まで休暇をいただいております。", "2027-01-05"),
    ("2027年1月5日まで不在です。", "2027-01-05"),
    ("我休假至2027年1月5日。", "2027-01-05"),
    ("1월 5일까지 부재중입니다.", "2027-01-05"),
    ("أنا خارج المكتب حتى 5 يناير", "2027-01-05"),
]


@pytest.mark.parametrize(("text", "expected"), UNTIL)
def test_the_last_day_away(text: str, expected: str) -> None:
    assert away_until("Automatic reply: Order", text, TODAY) == date.fromisoformat(expected)


NOTHING = [
    ("I am out of the office.", "no date"),
    ("I am out of the office until Monday.", "no date but a weekday"),
    ("I am out until 01/05/2027.", "January or May"),
    ("I was out until 5 December 2026.", "over"),
    ("I am out until 10 December.", "over, a few days ago"),
    ("I am out until 5 January 2097.", "too far away"),
    ("I am out until 31 February 2027.", "no such day"),
    ("Your mail of 5 January 2027 has come.", "a date with another meaning"),
    ("I am away from 5 January 2027.", "a beginning"),
    ("Ich bin ab dem 5. Januar 2027 nicht im Büro.", "a beginning"),
    ("Office: until 5 January 2027. Sales: until 9 January 2027.", "two ends"),
    ("I will be back on 5 January. I will be back on 7 January.", "two returns"),
    ("Call +49 30 1.2.3.4 until I am back.", "no date"),
    ("I am back today, 14 December 2026.", "not away any more"),
    ("I can be reached until 5 pm.", "an hour"),
    ("Ich bin bis 10.30 Uhr im Termin.", "an hour"),
    ("Ich bin bis 8.10 Uhr im Termin.", "an hour"),
]


@pytest.mark.parametrize(("text", "why"), NOTHING)
def test_nothing_is_said_when_it_is_not_certain(text: str, why: str) -> None:
    assert away_until("Automatic reply: Order", text, TODAY) is None, why


def test_the_subject_of_notes_says_it() -> None:
    assert away_until("AUTO: Ann Lee is out of the office (returning 13.01.2027)", "", TODAY) == date(2027, 1, 12)


def test_a_return_counts_more_than_an_end() -> None:
    text = "I am away until 8 January 2027 and will be back on 11 January 2027."
    assert away_until("", text, TODAY) == date(2027, 1, 10)


@pytest.mark.parametrize(
    "unit", ["1/1", "until ", "until the on the ", "1.1.", "from 1 to 2 ", "bis zum ", " ", "2027-", "\n"]
)
def test_hostile_texts(unit: str) -> None:
    away_until(unit * 100, unit * 200_000, TODAY)
