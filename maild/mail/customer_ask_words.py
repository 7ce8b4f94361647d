"""The words by which customers ask for something by mail, in the languages of our letters: data, one table.

Accents, case and punctuation do not matter, so "etat", "État" and "état ?" are one. A variant is separated by |.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Ask(StrEnum):
    """What a customer can ask for without an agent."""

    STATUS = "status"  # where do my tickets stand?
    CLOSE = "close"
    REOPEN = "reopen"
    LEAVE = "leave"  # I want no more letters about this ticket
    ADD = "add"  # somebody may take part; with an address
    REMOVE = "remove"  # somebody takes part no more; with an address


WORDS: Mapping[Ask, Mapping[str, str]] = {
    Ask.STATUS: {
        "en": "status | my tickets | ticket status | status of my tickets",
        "de": "status | stand | meine tickets | meine anfragen",
        "fr": "état | statut | mes tickets | mes demandes",
        "es": "estado | mis tickets | mis solicitudes",
        "ar": "حالة | الحالة | تذاكري | طلباتي",
    },
    Ask.CLOSE: {
        "en": "close | close ticket | close the ticket | close this ticket | close it",
        "de": "schließen | ticket schließen | das ticket schließen | abschließen",
        "fr": "fermer | clore | clôturer | fermer le ticket | clore le ticket",
        "es": "cerrar | cerrar ticket | cerrar el ticket",
        "ar": "إغلاق | أغلق | إغلاق التذكرة | أغلق التذكرة",
    },
    Ask.REOPEN: {
        "en": "reopen | re-open | open again | reopen ticket | reopen the ticket | reopen this ticket",
        "de": "wieder öffnen | wiederöffnen | erneut öffnen | ticket wieder öffnen",
        "fr": "rouvrir | réouvrir | rouvrir le ticket",
        "es": "reabrir | reabrir ticket | reabrir el ticket",
        "ar": "إعادة فتح | إعادة الفتح | أعد الفتح | إعادة فتح التذكرة",
    },
    Ask.LEAVE: {
        "en": "leave | unsubscribe | remove me",
        "de": "abmelden | austragen | verlassen",
        "fr": "quitter | se désabonner | désabonner | désinscrire",
        "es": "salir | darme de baja | baja",
        "ar": "مغادرة | إلغاء الاشتراك | انسحاب",
    },
    Ask.ADD: {
        "en": "add",
        "de": "hinzufügen | füge hinzu",
        "fr": "ajouter",
        "es": "añadir | agregar",
        "ar": "إضافة | أضف",
    },
    Ask.REMOVE: {
        "en": "remove",
        "de": "entfernen",
        "fr": "retirer | enlever",
        "es": "quitar | eliminar",
        "ar": "إزالة | أزل",
    },
}

# Said beside a request, it changes nothing.
POLITE = (
    "please | thanks | thank you | bitte | danke | vielen dank | merci | s'il vous plaît | s'il te plaît | svp"
    " | por favor | gracias | من فضلك | شكرا"
)
