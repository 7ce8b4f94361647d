"""A reply that says only whether the matter is solved, in five languages, and replies that say more."""

import pytest

from maild.mail.verdicts import Said, verdict_of

SOLVED = [
    "solved",
    "It is solved now.",
    "Yes, solved",
    "yes, it works now, thanks!",
    "It works again\n\nKim Kunde",
    "You can close the ticket.",
    "gelöst",
    "Ja, gelöst",
    "ja, funktioniert jetzt. Danke!",
    "Das Problem ist behoben",
    "Hallo,\nes funktioniert wieder",
    "résolu",
    "Oui, ça marche, merci",
    "C'est réglé",
    "resuelto",
    "Sí, ya funciona",
    "El problema está solucionado. Gracias",
    "تم الحل",
    "نعم، تم حل المشكلة",
]
BARE_YES = ["yes", "Yes!", "Ja", "ja, danke", "oui", "Sí.", "si", "نعم", "yes, thank you"]
UNSOLVED = [
    "not solved",
    "No, it does not work",
    "still doesn't work",
    "same problem again",
    "nicht gelöst",
    "Nein, funktioniert leider immer noch nicht",
    "es geht nicht",
    "Non, ça ne marche pas",
    "le problème persiste",
    "no funciona",
    "No, sigue sin funcionar",
    "لا، لم يتم الحل",
    "لا يعمل",
]
BARE_NO = ["no", "No.", "nein", "leider nein", "non", "لا"]
MORE = [
    "",
    "thanks",
    "yes, but the second machine is broken as well",
    "yes, and please send an invoice",
    "solved? I do not think so",
    "Is it solved?",
    "solved the first one, the others still hang",
    "no, it works now",
    "yesterday it worked",
    "works on my machine only",
    "ja, aber nur am Montag",
    "nein danke, rufen Sie mich an",
    "Oui mais pas toujours",
    "si funciona les aviso",
    "نعم ولكن الشاشة سوداء",
    "no problem with the first one",
    "It works now. " * 30,
]


@pytest.mark.parametrize("text", SOLVED)
def test_solved_is_solved(text: str) -> None:
    assert verdict_of(text, "Kim Kunde") == Said(solved=True, bare=False)


@pytest.mark.parametrize("text", UNSOLVED)
def test_unsolved_is_unsolved(text: str) -> None:
    assert verdict_of(text, "Kim Kunde") == Said(solved=False, bare=False)


@pytest.mark.parametrize("text", BARE_YES)
def test_a_bare_yes_is_marked_as_one(text: str) -> None:
    assert verdict_of(text) == Said(solved=True, bare=True)


@pytest.mark.parametrize("text", BARE_NO)
def test_a_bare_no_is_marked_as_one(text: str) -> None:
    assert verdict_of(text) == Said(solved=False, bare=True)


@pytest.mark.parametrize("text", MORE)
def test_who_says_more_has_a_person_read_it(text: str) -> None:
    assert verdict_of(text) is None
