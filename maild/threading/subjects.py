"""Reads subjects: what is left without reply marks (RFC 5256 §2.1), and the tags of ticket systems."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

MOST_TAGS = 5  # tags of a subject that are believed; a subject must not name a thousand tickets
_LONGEST = 500  # characters of a subject that are looked at
_MOST_MARKS = 50  # "Re: Re: Re: …" that are taken off

# "Re" and "Fwd" as the mail programs of many languages write them.
_REPLY = (
    r"re|aw|antw|antwort|sv|vs|vá|rv|res|odp|ynt|yan|atb|bls|r|rif|rép|σχετ|απ|"
    r"отв|ответ|відп|回复|回覆|答复|答覆|返信|회신|رد|השב"
)
_FORWARD = r"fwd?|wg|weiterl|tr|i|enc|doorst|vb|vl|videresendt|továbbítás|pd|ilt|i̇lt|пересл|转发|轉寄|轉發|전달"
_MARK = re.compile(rf"(?i)(?:(?P<reply>{_REPLY})|{_FORWARD})\.?(?:\[\d{{1,4}}\]|\(\d{{1,4}}\)|\^\d{{1,4}})?\s?[:：]")
# The "[list-name]" of a mailing list; with a digit it may be a ticket's tag, which tells subjects apart.
_BLOB = re.compile(r"\[[^\[\]\d]{1,60}\]\s*")
_TRAILER = re.compile(r"(?i)\s*\((?:fwd|re|aw|was:[^()]{0,200})\)\s*$")
_OTHERS_TAG = re.compile(
    # [ABC-123], [Ticket#2026031700018], [12345]
    r"(?i)\[(?P<in>[a-z]{1,20}[ #:_-]{0,2}(?:[a-z0-9]{1,12}-)?\d[\d-]{2,20}|#?\d{5,20})\]"
    r"|\((?P<round>(?:case|ticket|ref|id)[ #:.]{1,3}\d{3,15})\)"
    r"|\b(?P<bare>(?:INC|RITM|REQ|CHG|SR|CS)\d{5,12})\b"  # ServiceNow and its like
    r"|(?P<sf>ref:_\w{5,30}\._\w{5,30}:ref)"  # Salesforce
)


@dataclass(frozen=True, slots=True)
class BaseSubject:
    """A subject without what mail programs add."""

    words: str  # in lower case, one space between words
    is_reply: bool  # it carried a reply mark


def base_subject(subject: str, own_tag: str) -> BaseSubject:
    """The base subject of RFC 5256 §2.1, reply marks of many languages and our own tags taken off.

    `own_tag` is what stands before our ticket numbers in [#42]. A mark of forwarding is taken off as
    well, but does not make it a reply.
    """
    return _base(subject[:_LONGEST], own_tag)


@lru_cache(maxsize=256)  # one mail is asked for it several times
def _base(subject: str, own_tag: str) -> BaseSubject:
    rest = own_tag_of(own_tag).sub(" ", " ".join(subject.split())).strip()
    is_reply = False
    for _ in range(_MOST_MARKS):
        if mark := _MARK.match(rest):
            is_reply = is_reply or mark["reply"] is not None
            rest = rest[mark.end() :].lstrip()
        elif (blob := _BLOB.match(rest)) and blob.end() < len(rest):
            rest = rest[blob.end() :]
        else:
            break
    rest = _TRAILER.sub("", rest)
    return BaseSubject(" ".join(unicodedata.normalize("NFKC", rest).casefold().split()), is_reply)


@cache
def own_tag_of(tag: str) -> re.Pattern[str]:
    """The pattern of our tags, [#42]; its first group is the number."""
    return re.compile(rf"\[{re.escape(tag)}(\d{{1,15}})\]")


def subject_tags(subject: str, tag: str) -> list[int]:
    """The ticket numbers in tags such as [#42] of a subject."""
    return [int(number) for number in dict.fromkeys(own_tag_of(tag).findall(subject))][:MOST_TAGS]


def others_tags(subject: str, tag: str) -> list[str]:
    """The tags of other ticket systems in a subject, such as "[ABC-123]", in lower case; never our own."""
    rest = own_tag_of(tag).sub(" ", subject[:_LONGEST])
    found = (next(group for group in match.groups() if group) for match in _OTHERS_TAG.finditer(rest))
    return list(dict.fromkeys(" ".join(each.lower().split()) for each in found))[:MOST_TAGS]
