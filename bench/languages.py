"""The words that the corpus is written in, with the charset each language is really sent in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """Enough of a language to look like a mail in it."""

    charsets: tuple[str, ...]
    words: tuple[str, ...]
    subjects: tuple[str, ...]
    wrote: str  # the line before a quotation; {when} and {who}
    bye: str


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split())


ENGLISH = Language(
    ("us-ascii", "utf-8", "utf-8"),
    _split(
        "the pump order we have received yesterday does not start after a cold night and display shows error code "
        "please could you send spare part invoice number again because our customer waits for delivery on site since "
        "last week I tried what manual says but it still stops when pressure drops below two bar thank you for your "
        "help with this case is there any way to return it or get replacement under warranty photo attached"
    ),
    ("Pump does not start", "Invoice missing", "Question about warranty", "Wrong part delivered", "Error code 17"),
    "On {when}, {who} wrote:",
    "Best regards",
)
GERMAN = Language(
    ("utf-8", "iso-8859-1", "windows-1252"),
    _split(
        "die Pumpe läuft seit gestern nicht mehr wir haben Gerät geprüft und Störung größer als für möglich gehalten "
        "bitte schicken Sie uns Ersatzteil über Großhändler zurück weil Kunde wartet schon längere Zeit Rückgabe "
        "Gewährleistung müssen können würde Grüße Straße äußerst schön natürlich ungefähr zwölf Stück Lieferung"
    ),
    ("Störung an der Pumpe", "Rechnung fehlt", "Frage zur Gewährleistung", "Falsches Teil geliefert", "Rückgabe"),
    "Am {when} schrieb {who}:",
    "Mit freundlichen Grüßen",
)
FRENCH = Language(
    ("utf-8", "iso-8859-15"),
    _split(
        "la pompe livrée hier ne démarre pas après une nuit très froide et l'écran affiche toujours défaut numéro "
        "merci de bien vouloir nous envoyer pièce détachée à l'adresse indiquée car notre client préfère être "
        "remboursé où réparé dès que possible garantie délai château garçon été"
    ),
    ("Problème de pompe", "Facture égarée", "Question de garantie", "Pièce cassée à la réception"),
    "Le {when}, {who} a écrit :",
    "Cordialement",
)
RUSSIAN = Language(
    ("koi8-r", "utf-8", "windows-1251"),
    _split(
        "насос который мы получили вчера не включается после холодной ночи и на экране ошибка пожалуйста отправьте "
        "нам запасную часть потому что клиент ждёт уже неделю спасибо за помощь гарантия возврат счёт"
    ),
    ("Насос не работает", "Нет счёта", "Вопрос о гарантии"),
    "{when} {who} пишет:",
    "С уважением",
)
JAPANESE = Language(
    ("iso-2022-jp", "utf-8"),
    _split(
        "昨日届いた ポンプが 起動しません 画面に エラー番号が 表示されます 交換部品を 送って ください よろしく "
        "お願いします 保証 期間 について 教えて ください 請求書 返品"
    ),
    ("ポンプの故障について", "請求書の件", "保証についての質問"),
    "{when} {who} のメール:",
    "よろしくお願いいたします",
)

# English and German most, as at the desks this was made for.
SHARES = ((ENGLISH, 45), (GERMAN, 30), (FRENCH, 12), (RUSSIAN, 8), (JAPANESE, 5))
