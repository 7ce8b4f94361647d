"""Recognises challenges: "click here, and your mail will be delivered" (TMDA, Spam Arrest, Boxbe and others).

Nothing may answer them: an answer confirms mail that was perhaps never sent.
"""

from __future__ import annotations

import re

from maild.mail.model import Mail
from maild.mail.phrases import one_of

TEXT_LIMIT = 3000

_HEADERS = ("x-boxbe-response", "x-spamarrest-noauth", "x-challenge-response", "x-asp-challenge")
_SERVICE = re.compile(r"(?i)[@.](?:spamarrest|boxbe|0spam|knowspam|mailblocks)\.(?:com|net)$")
_SUBJECT_WORDS = one_of(
    r"""
    please confirm your (?:message|e-?mail|mail)\b | confirm your (?:message|e-?mail|mail) to\b
    your (?:message|e-?mail|mail) (?:requires|needs|awaits|is awaiting) (?:confirmation|verification|authentication)
    [^()]{0,150}\((?:your (?:message|e-?mail|mail) requires )?(?:confirmation|verification)\)
    message delivery confirmation required | action required to deliver your (?:message|e-?mail|mail)
    """
)
_SUBJECT = re.compile(rf"(?i)^\W*(?:re: ?)?{_SUBJECT_WORDS}")
_SENTENCE_WORDS = one_of(
    r"""
    (?:click|follow|visit|open|use)\b[^.!?]{0,100}\bto (?:verify|confirm|release|authenticate|deliver) your (?:message|e-?mail|mail)\b
    (?:reply|respond) to this (?:message|e-?mail|mail)[^.!?]{0,60}\b(?:confirm|release|deliver) your (?:message|e-?mail|mail)\b
    your (?:message|e-?mail|mail)[^.!?]{0,100}\b(?:held|waiting|queued|delivered)\b[^.!?]{0,80}\b(?:until|once|after|unless) you (?:confirm|verify|reply|click)
    i now allow incoming (?:messages|mail) only from senders i have approved
    (?:prove|verify|confirm)(?: that)? (?:you are|you're) (?:a )?(?:human|real person|person)
    (?:address|user|account|mailbox) only accepts? (?:e-?mail|mail|messages) from (?:approved|known|verified) senders
    """  # noqa: E501
)
_SENTENCE = re.compile(_SENTENCE_WORDS)


def challenge_evidence(mail: Mail, headers: dict[str, str], reverse_path: str | None) -> str:
    """Why the mail is a challenge, "" when it is none; words alone prove nothing, for people quote challenges."""
    for name in _HEADERS:
        if name in headers:
            return f"a challenge: the header {name}"
    if _SUBJECT.match(mail.subject[:300]):
        why = "a challenge: subject and text ask to confirm a mail"
    elif mail.sender is not None and _SERVICE.search(mail.sender.address):
        why = f"a challenge of {mail.sender.address[:80]}"
    elif reverse_path == "" or _from_program(headers):
        why = "a challenge: a program asks to confirm a mail"
    else:
        return ""
    # Last, because it takes longest.
    return why if _SENTENCE.search(" ".join(mail.text[:TEXT_LIMIT].lower().split())) else ""


def _from_program(headers: dict[str, str]) -> bool:
    submitted = headers.get("auto-submitted", "no").strip().lower()
    precedence = headers.get("precedence", "").strip().lower()
    return not submitted.startswith("no") or precedence in {"bulk", "junk", "auto_reply"}
