"""What a desk knows that has configured nothing, and how an own catalogue is laid over it."""

from __future__ import annotations

import pytest

from maild.routing.built_in import built_in_catalogue, merged
from maild.routing.catalogue import BRANCH_MANAGER, Asked, Catalogue, Priorities, Reason, Sort
from maild.routing.keywords import check_keyword
from maild.routing.router import Router
from maild.sla.policies import SERVICE_CASES
from maild.testing.routing import facts
from maild.tickets.priorities import PRIORITIES

BUILT_IN = built_in_catalogue()
ROUTER = Router((), BUILT_IN)
LANGUAGES = {"en", "de", "fr", "es", "it", "nl", "tr", "ar", "zh"}

SAID = [
    ("There is a missing part in the box.", "missing_part"),
    ("Leider fehlt ein Teil der Lieferung, das Fehlteil ist die Dichtung.", "missing_part"),
    ("Bonjour, il y a une pièce manquante dans le colis.", "missing_part"),
    ("Falta una pieza en el paquete.", "missing_part"),
    ("Nella scatola manca un pezzo.", "missing_part"),
    ("Er ontbreekt een onderdeel.", "missing_part"),
    ("Kutuda eksik parça var.", "missing_part"),
    ("هناك قطعة ناقصة في الصندوق", "missing_part"),
    ("箱子里缺少零件。", "missing_part"),
    ("You delivered the wrong pump.", "wrong_item"),
    ("Das ist eine Falschlieferung!", "wrong_item"),
    ("Vous avez envoyé le mauvais article", "wrong_item"),
    ("你们发错货了", "wrong_item"),
    ("The site is not ready yet, please come next week.", "site_not_ready"),
    ("Die Baustelle ist noch nicht so weit.", "site_not_ready"),
    ("الموقع غير جاهز حتى الآن", "site_not_ready"),
    ("The technician could not get into the building.", "access_issue"),
    ("Wir hatten keinen Zugang zur Baustelle.", "access_issue"),
    ("The parcel arrived damaged.", "damage"),
    ("Es liegt ein Transportschaden vor.", "damage"),
    ("El paquete llegó dañado.", "damage"),
    ("Ürün hasarlı geldi.", "damage"),
    ("The pump is faulty.", "defect"),
    ("Das Gerät ist defekt.", "defect"),
    ("L'appareil est en panne.", "defect"),
    ("机器出现故障", "defect"),
    ("The pump suddenly stopped working.", "defect"),
    ("Last week we received the wrong product.", "wrong_item"),
    ("Vous avez livré la mauvaise pièce.", "wrong_item"),
    ("Il manque une pièce dans le colis.", "missing_part"),
    ("Ein Teil fehlt im Karton.", "missing_part"),
    ("Das Paket kam beschädigt an.", "damage"),
]


@pytest.mark.parametrize(("text", "reason"), SAID, ids=[f"{reason}-{i}" for i, (_, reason) in enumerate(SAID)])
def test_a_reason_is_found_by_what_customers_write(text: str, reason: str) -> None:
    assert ROUTER.decide(facts(text=text)).reason == reason


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for your quick answer. Please do not hesitate to contact me.",
        "Tuesday does not work for me, is Wednesday possible?",
        "We accept no liability for any damage caused by this email.",
        "Für Schäden durch Viren übernehmen wir keine Haftung.",
        "Mr Lee no longer works here. Please write to Kim instead.",
        "I have no access to my account, the link is broken.",
        "Sorry, I sent the wrong file. Is anything missing?",
        "For other questions there is a missing participant list.",
        "Vielen Dank für Ihre Mühe und einen schönen Tag!",
        "Merci d'avance pour votre aide. Cordialement",
        "Gracias por su ayuda, quedo a la espera de su respuesta.",
        "شكراً جزيلاً لكم على المساعدة",
        "谢谢您的帮助,祝您工作愉快",
        "My machine is broken.",
        "Hi, I stopped working for Acme last year, please remove me from your list.",
        "I entered the wrong delivery address. There is a wrong article number in your letter.",
        "There is an incorrect item on your invoice: the VAT. A wrong product was quoted in your offer.",
        "My phone broke down on the way, I could not call you.",
        "Der letzte Teil fehlt in Ihrer Mail, bitte noch einmal schicken.",
        "Désolé, j'ai envoyé la mauvaise pièce jointe.",
        "Il manque une pièce jointe à votre mail.",
        "Il manque des pièces justificatives. Voici les pièces manquantes du dossier.",
        "Erreur de livraison du message: destinataire inconnu.",
        "La parte mancante del testo è in allegato.",
        "Could you tell me when you are open? The price is down again.",
    ],
    ids=str,
)
def test_everyday_words_are_no_reason_and_no_type(text: str) -> None:
    decision = ROUTER.decide(facts(text=text))
    assert (decision.reason, decision.type, decision.case_type, decision.priority) == ("", "", "", "medium")


def test_the_teams_of_the_reasons() -> None:
    assert {reason.code: reason.team for reason in BUILT_IN.reasons} == {
        "missing_part": "purchasing",
        "wrong_item": "warehouse",
        "site_not_ready": BRANCH_MANAGER,
        "access_issue": BRANCH_MANAGER,
        "damage": "support",
        "defect": "support",
        "other": "support",
    }


def test_other_is_for_whoever_names_it() -> None:
    decision = ROUTER.decide(facts(text="Reason: other"))
    assert (decision.reason, decision.team) == ("other", "support")


@pytest.mark.parametrize(
    ("text", "type_", "case_type"),
    [
        ("This is a warranty claim.", "warranty_claim", "warranty"),
        ("Das ist ein Garantiefall.", "warranty_claim", "warranty"),
        ("The server is down.", "incident", ""),
        ("We have a service request.", "service_request", ""),
        ("Please send us your price list.", "information_request", ""),
        ("The pump needs to be repaired.", "service_request", "repair"),
        ("I wish to complain about the delay.", "", "complaint"),
        ("It arrived damaged.", "", "damage"),
    ],
    ids=str,
)
def test_types_and_case_types(text: str, type_: str, case_type: str) -> None:
    decision = ROUTER.decide(facts(text=text))
    assert (decision.type, decision.case_type) == (type_, case_type)


def test_the_case_types_are_those_of_the_service_levels() -> None:
    assert {case.name for case in BUILT_IN.case_types} == SERVICE_CASES


def test_every_reason_speaks_every_language() -> None:
    for reason in BUILT_IN.reasons:
        assert set(reason.label) == LANGUAGES
        assert set(reason.keywords) in (LANGUAGES, set())
        assert all(set(asked.text) == LANGUAGES for asked in reason.asks)


def test_keywords_are_right_and_no_two_reasons_share_one() -> None:
    owners: dict[str, str] = {}
    for reason in BUILT_IN.reasons:
        for word in (word for words in reason.keywords.values() for word in words):
            assert check_keyword(word) == "", word
            assert owners.setdefault(word, reason.code) == reason.code
    for sort in (*BUILT_IN.types, *BUILT_IN.case_types):
        assert all(check_keyword(word) == "" for words in sort.keywords.values() for word in words)


def test_the_matrix_is_complete() -> None:
    matrix = BUILT_IN.priorities.matrix
    assert all(matrix[urgency][impact] in PRIORITIES for urgency in matrix for impact in matrix)
    assert (matrix["high"]["high"], matrix["low"]["low"], len(matrix)) == ("critical", "low", 3)


def test_the_importance_of_a_mail_counts() -> None:
    assert ROUTER.decide(facts(headers=(("x-priority", "1"),))).priority == "high"
    assert ROUTER.decide(facts(headers=(("importance", "low"),))).priority == "low"


def test_an_own_reason_replaces_the_built_in_one_key_by_key() -> None:
    own = Reason(code="missing_part", team="parts", label={"en": "Parts"}, keywords={"en": ("no gasket",), "de": ()})
    both = merged(Catalogue(reasons=(own, Reason(code="mine"))), BUILT_IN)
    first, second = both.reasons[:2]
    built_in = next(reason for reason in BUILT_IN.reasons if reason.code == "missing_part")
    assert (first.team, first.label["en"], first.label["de"]) == ("parts", "Parts", "Fehlendes Teil")
    assert (first.keywords["en"], first.keywords["de"]) == (("no gasket",), ())
    assert (first.keywords["fr"], first.asks) == (built_in.keywords["fr"], built_in.asks)
    assert second.code == "mine"
    assert len(both.reasons) == len(BUILT_IN.reasons) + 1


def test_own_asks_take_the_place_of_the_built_in_ones() -> None:
    asks = (Asked(text={"en": "a drawing"}),)
    assert merged(Catalogue(reasons=(Reason(code="damage", asks=asks),)), BUILT_IN).reasons[0].asks == asks


def test_own_types_and_priorities_are_laid_over_as_well() -> None:
    own = Catalogue(
        types=(Sort(name="incident", label={"en": "Trouble"}),),
        priorities=Priorities(default="low", importance={"high": "critical"}, matrix={"high": {"low": "low"}}),
        reason_header="x-mine",
    )
    both = merged(own, BUILT_IN)
    assert (both.types[0].label["en"], both.types[0].label["de"]) == ("Trouble", "Störung")
    assert both.types[0].keywords["en"][0] == "outage"
    assert both.priorities.default == "low"
    assert both.priorities.importance == {"high": "critical", "low": "low"}
    assert (both.priorities.matrix["high"]["low"], both.priorities.matrix["high"]["high"]) == ("low", "critical")
    assert (both.reason_header, both.type_header) == ("x-mine", "x-ticket-type")


def test_nothing_of_ones_own_leaves_the_built_in_catalogue() -> None:
    assert merged(Catalogue(), BUILT_IN) == BUILT_IN
