"""Reads what old mail systems wrote before delivery reports had a form: whom they could not reach, and why.

No list of programs: every such notice names the address on a line of its own, or beside the words of
the failure, above a copy of the mail that came back. That is what is looked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from maild.mail.bounce_words import (
    ABOUT_MAIL,
    ANSWER,
    CODE,
    COMPANIONABLE,
    DELAYED,
    GAVE_UP,
    GREETING,
    IGNORED_LINE,
    OPENS_AS_NOTICE,
    ORIGINAL,
    PERSONAL,
    REASON,
    REFUSED_BY_LIST,
    SMTP_CODE,
    STILL_TRYING,
    SUBJECT,
    SURE_SUBJECT,
    SYSTEM_SPEAKS,
    WORDS,
)
from maild.mail.ids import message_id
from maild.mail.phrases import one_of

TEXT_LIMIT = 64 * 1024
LINES_LIMIT = 400

_ADDRESS = r"""(?:"[^"\s@]{1,64}"|[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64})@[A-Za-z0-9_.-]{1,255}"""
_FIND_ADDRESS = re.compile(_ADDRESS)
# The address is all the line says, or comes first and a colon or the reason follows.
_ALONE = re.compile(
    r"(?i)^[\s>*|.-]{0,40}(?:\d+[.)] )?(?:\"[^\"<>]{0,80}\" ?(?=<))?(?:[<\"'(\[]|mailto:|smtp:|rfc822;){0,4}"
    rf"({_ADDRESS})[>)\]\"']{{0,4}}\s*[:;,.]?\s*(?:\(.{{0,100}})?$"
)
_FIRST = re.compile(rf"^\s{{0,20}}<({_ADDRESS})>[:,]?(?:\.\.\.)?\s", re.I)
_LABELLED_WORDS = one_of(
    r"""
    final[- ]recipient | original[- ]recipient | failed[- ]recipients?
    recipient(?:s|\(s\)| address| name| is)? | undeliverable address | address
    unrecoverable error[^:]{0,20} | rcpt to | user | e?-?mail | sent to
    invalid (?:address|final delivery userid) | addressee | for | empf[äa]nger | destinataires?
    destinatario | 宛先 | получател[ьи] | intended recipient | did not reach
    """
)
_LABELLED = re.compile(
    rf"""(?i)^[\s>*|-]{{0,20}}{_LABELLED_WORDS}(?:\s+was|\s+is)?\s*[:=;-]\s*(?:rfc822\s*;\s*)?[<\[\"']{{0,2}}({_ADDRESS})"""
)
# Exchange: "a@b on Fri, 4 Oct ..", "c=US;o=X;dda:SMTP=a@b; on ..".
_AND_WHEN = re.compile(rf"^\s{{0,20}}(?:.{{0,200}}SMTP=)?({_ADDRESS});? on (?:[A-Z][a-z]{{2}},|\d)", re.I)
_EXPANDED = re.compile(rf"^\s*\(?expanded from:? <?({_ADDRESS})", re.I)
_FINAL = re.compile(
    rf"(?im)^[ \t]{{0,20}}(final|original)-recipient:[ \t]*(?:rfc822|utf-8)?[ \t]*;?[ \t]*<?({_ADDRESS})"
)
_TO = re.compile(r"(?im)^[ \t]{0,4}to:(.{0,300})$")
_NOT_A_PERSON = re.compile(r"(?i)^(?:mailer-daemon|postmaster|abuse|mail-daemon|mdaemon)@")
_MESSAGE_ID = re.compile(r"(?im)^[ \t>]*message-id:[ \t]*(<[^<>\s]{3,300}>)")
_MALFORMED = re.compile(r"(?i):\s*(?:malformed|bad|missing or malformed) (?:address|local part)\b.*")
# A mailbox without its domain: "<bob>... User unknown", "bob    No matches to nameserver query".
_LOCAL = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}"
_LOCAL_ALONE = re.compile(rf"^\s{{0,20}}[<\"']?({_LOCAL})[>\"']?[.,;]?\s*$")
_LOCAL_AND_REASON = re.compile(
    rf"^\s{{0,20}}(?:[45]\d\d (?:[45]\.\d\.\d{{1,3}} )?)?"
    rf"(?:<({_LOCAL})>[.:,]{{0,4}}|({_LOCAL})(?:\.\.\.|:|\s{{2,}}))\s{{0,20}}\S"
)
# Some systems answer under the subject of the mail: "Re: Order 12 : non remis (delivery failed)".
_REASON_APPENDED = re.compile(
    r"(?i)[^:]{1,6}:\s.{1,250}\s[:(-] ?(?:non remis|delivery failed|undeliverable|not delivered|unzustellbar)\W{0,3}"
    r"(?:\(delivery failed\))?$"
)
_FROM_WHOM = re.compile(rf"(?i)\b(?:mail|messages?|e-?mails?|sender) from:? ?<?{_ADDRESS}")
_INTRODUCES = re.compile(r"(?i)(?:recipient|address|user|mailbox|following|deliver|delivered to)[^:]{0,200}:\s*$")


@dataclass(frozen=True, slots=True)
class Notice:
    """What a free-text notice says."""

    recipients: tuple[str, ...] = ()
    status: str = ""
    diagnostic: str = ""
    only_delayed: bool = False
    returned_message_id: str = ""


def bounce_subject(subject: str) -> bool:
    """Whether a delivery notice has such a subject; an answer to one or a forwarded one does not count."""
    if ANSWER.match(subject[:20]):
        return bool(_REASON_APPENDED.match(subject[:300]))
    return bool(SUBJECT.search(subject[:200]))


def is_sure_bounce_subject(subject: str) -> bool:
    """Whether the subject is word for word that of a mail system."""
    return bool(SURE_SUBJECT.fullmatch(subject.strip()))


def says_undelivered(text: str) -> bool:
    """Whether the beginning of a text speaks of a mail that was not delivered."""
    return bool(WORDS.search(text[:4000]))


def opens_as_notice(text: str) -> bool:
    """Whether the first words of a text are those of a mail system."""
    return bool(OPENS_AS_NOTICE.match(text[:1200]))


def begins_personally(text: str) -> bool:
    """Whether somebody greets, says "I" or thanks in the first lines, as mail systems hardly do."""
    return bool(GREETING.match(text) or PERSONAL.search(SYSTEM_SPEAKS.sub("", _own(text)[:200])))


def is_impersonal(text: str) -> bool:
    """Whether a text speaks of a mail that was not delivered, and does not begin as a person does."""
    own = _own(text)
    return bool(WORDS.search(own) or REASON.search(own)) and not begins_personally(text)


def is_impersonal_notice(text: str) -> bool:
    """Whether a text begins as a notice, names an address on a line of its own, and nobody speaks in it."""
    own = _own(text)
    if (
        not WORDS.search(own[:300])
        or not ABOUT_MAIL.search(own[:600])
        or PERSONAL.search(own[:600])
        or COMPANIONABLE.search(own[:600])
    ):
        return False
    lines = [line for line in own.split("\n") if "@" in line and not line.startswith(">")]
    return any(_ALONE.match(line) or _FIRST.match(line) or _LABELLED.match(line) for line in lines)


def refused_by_list(subject: str, text: str) -> bool:
    """Whether list software says that it does not pass a mail on."""
    return bool(REFUSED_BY_LIST.match(subject[:300]) or REFUSED_BY_LIST.match(" ".join(text[:400].split())))


def _own(text: str) -> str:
    original = ORIGINAL.search(text, 1, 4000)
    return text[: original.start()] if original else text[:4000]


def read_notice(text: str, others: tuple[str, ...], sender: str = "") -> Notice:
    """What a notice says.

    `others` are addresses (lower case) that it may name without meaning a failure; the domain of the
    `sender` completes a mailbox that is named without one.
    """
    text = text[:TEXT_LIMIT]
    original = ORIGINAL.search(text, 1)
    own, returned = (text[: original.start()], text[original.start() :]) if original else (text, "")
    returned_id = _MESSAGE_ID.search(returned or text)
    recipients = _reported_inside(text) or _recipients(own, text, others, sender) or _only_one(_TO.search(returned))
    diagnostic = _diagnostic(own, recipients)
    code = CODE.search(diagnostic) or CODE.search(own)
    smtp = SMTP_CODE.search(diagnostic) or SMTP_CODE.search(own)
    status = code.group(1) if code else f"{smtp.group(1)[0]}.0.0" if smtp else ""
    return Notice(
        recipients=recipients,
        status=status,
        diagnostic=diagnostic,
        only_delayed=bool(STILL_TRYING.search(own) or (DELAYED.search(own) and not GAVE_UP.search(own))),
        returned_message_id=message_id(returned_id.group(1)) if returned_id else "",
    )


def _diagnostic(own: str, recipients: tuple[str, ...]) -> str:
    """The line that holds a code, else the first with a reason, looked for from where a failed address stands."""
    lines = [line[:1000] for line in own.split("\n")[:LINES_LIMIT]]
    coded = next((line for line in lines if SMTP_CODE.search(line)), "") or next(
        (line for line in lines if CODE.search(line)), ""
    )
    if coded:
        return " ".join(coded.split())
    failed = recipients[0].lower() if recipients else ""
    first = next((n for n, line in enumerate(lines) if failed and failed in line.lower()), 0)
    # Not the address itself: "failed@example.org" is no reason.
    reasons = [
        " ".join(line.split())
        for line in (*lines[first:], *lines[:first])
        if REASON.search(_FIND_ADDRESS.sub("", line)) and not IGNORED_LINE.search(line)
    ]
    return next((line for line in reasons if not line.endswith(":")), reasons[0] if reasons else "")


def _reported_inside(text: str) -> tuple[str, ...]:
    """The recipients of a report that was written or forwarded as plain text."""
    if "ecipient:" not in text:
        return ()
    found: dict[str, str] = {}
    for block in text.split("\n\n"):
        named = {kind.lower(): address for kind, address in _FINAL.findall(block)}
        address = named.get("original") or named.get("final")
        if address:
            found.setdefault(address.lower(), address)
    return tuple(found.values())


def _only_one(to: re.Match[str] | None) -> tuple[str, ...]:
    """Whom the returned mail was for: who failed, if it was for one only."""
    found = dict.fromkeys(_FIND_ADDRESS.findall(to.group(1))) if to else {}
    return tuple(found) if len(found) == 1 else ()


def _recipients(own: str, whole: str, others: tuple[str, ...], sender: str) -> tuple[str, ...]:
    """The addresses with the best evidence; weaker evidence counts only when there is no better."""
    alone: dict[str, str] = {}
    beside: dict[str, str] = {}
    anywhere: dict[str, str] = {}
    for line in own.split("\n")[:LINES_LIMIT]:
        if "@" not in line or len(line) > 2000:
            continue
        expanded = _EXPANDED.match(line)
        if expanded is not None and alone:  # sendmail: the address that we know
            alone.popitem()
            alone[expanded.group(1).lower()] = expanded.group(1)
            continue
        match = _AND_WHEN.match(line) or _ALONE.match(line) or _FIRST.match(line) or _LABELLED.match(line)
        if match is not None:
            _add(alone, match.group(1))
            continue
        if IGNORED_LINE.search(line):
            continue
        into = beside if REASON.search(line) else anywhere
        named = _FIND_ADDRESS.findall(_FROM_WHOM.sub("", line))
        for address in named[:1] if _MALFORMED.search(line) else named:
            _add(into, address)
    failed = tuple(address for key, address in alone.items() if key not in others)
    if failed:
        return failed
    bare = _bare_mailboxes(own, whole, sender)
    if bare:
        return bare
    for found in (beside, anywhere):
        failed = tuple(address for key, address in found.items() if key not in others)
        if failed:
            return failed
    return tuple(alone.values())


def _bare_mailboxes(own: str, whole: str, sender: str) -> tuple[str, ...]:
    """Mailboxes named without a domain, completed from the mail that came back or from the reporting system."""
    if not WORDS.search(own):
        return ()
    found: dict[str, str] = {}
    introduced = False
    for line in own.split("\n")[:LINES_LIMIT]:
        if not line.strip() or len(line) > 500:
            continue
        if "@" not in line:
            match = _LOCAL_ALONE.match(line) if introduced else None
            reason = _LOCAL_AND_REASON.match(line)
            if (
                match is None
                and reason is not None
                and (introduced or "<" in line)
                and REASON.search(line, reason.end() - 1)
            ):
                match = reason
            if match is not None:
                local = next(each for each in match.groups() if each)
                found.setdefault(local.lower(), local)
                continue
        introduced = bool(_INTRODUCES.search(line))
    domain = sender.rpartition("@")[2]
    known = {address.partition("@")[0].lower(): address for address in reversed(_FIND_ADDRESS.findall(whole))}
    completed = [known.get(key) or (f"{local}@{domain}" if domain else "") for key, local in found.items()]
    return tuple(each for each in completed if each)


def _add(found: dict[str, str], address: str) -> None:
    address = address.strip(".'")
    if not _NOT_A_PERSON.match(address):
        found.setdefault(address.lower(), address)
