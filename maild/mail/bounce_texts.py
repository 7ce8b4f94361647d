"""Reads what old mail systems wrote before delivery reports had a form: whom they could not reach, and why.

No list of programs: every such notice names the address on a line of its own, or beside the words of
the failure, above a copy of the mail that came back. That is what is looked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from maild.mail.ids import message_id
from maild.mail.phrases import one_of

TEXT_LIMIT = 64 * 1024
LINES_LIMIT = 400

_SUBJECT_WORDS = one_of(
    r"""
    undeliver(?:able|ed) | non-?deliver(?:y|able) | not delivered | undelivered
    returned (?:mail|to sender|message) | mail returned | failure notice
    (?:failed|mail failed|message failed)\b.{0,20}mail | mail failed | failure delivery
    delivery (?:failure|failed|status|report|problem|error|has failed|unsuccessful|notification|delayed|warning)
    failed delivery | delivery to | (?:permanent|transient|temporary)? ?delivery failure
    mail (?:delivery|system|could not|undeliverable|status|error|failure|not delivered)
    message (?:not delivered|undeliverable|could not|status|delivery|delayed|you sent)
    your (?:message|mail|e-?mail)\b.*(?:could not|not be|undeliver|delayed|failed|returned)
    could not (?:send|deliver) | couldn'?t be delivered | error (?:sending|delivering)
    warning: (?:could not|message|mail)
    (?:e-?mail|email) (?:delivery|could not|was not|not delivered|undeliver|system) | unzustellbar
    nicht zustellbar | zustellung(?:sfehler| fehlgeschlagen) | fehler bei der zustellung
    mail konnte nicht | unzustellbarkeits | non remis | échec (?:de la )?remise | non distribu
    message non | notification d.[ée]chec | avis de non | no se (?:puede|pudo|ha podido) entregar
    mensaje no entregado | devuelto | correo (?:no|devuelto) | não (?:é|foi) possível entregar
    não entregue | mensagem não | falha na entrega | impossibile recapitare | mancata consegna
    recapito | niet (?:bestelbaar|afgeleverd) | onbestelbaar | kunde inte leverera | olevererat
    kan ikke leveres | ulevert | nie (?:można|udało się) dostarczyć | niedostarczon | nedoručiteln
    nedoruč | kézbesíthetetlen | kézbesítési | недостав | не доставлен | не удалось доставить
    ошибка доставки | 配信(?:不能|エラー|できません) | 未配信 | メール.*(?:不達|送信エラー|配信) | 退信
    系统退信 | 无法(?:投递|送达) | 未送達 | 배달 (?:실패|되지) | 반송 | teslim edilemedi
    """
)
_SUBJECT_WORDS_2 = one_of(
    r"""
    undeliverable | delivery failed | delivery failure | non[ -]remis | could not be delivered
    returned to sender | user unknown | unknown user | mailbox full | over ?quota
    """
)
_SUBJECT = re.compile(rf"(?i)(?:^\W*(?:\*+\s*)?{_SUBJECT_WORDS}|\b{_SUBJECT_WORDS_2}\b)")
_ANSWER = re.compile(r"(?i)^\s*(?:re|aw|fwd?|wg|sv|vs|tr|rv|odp|antw)\s*(?:\[\d+\])?:")
_WORDS_WORDS = one_of(
    r"""
    (?:could|can|did|was|were|has|have|is|been) ?(?:not|n.t)(?: be| been| yet been)? ?(?:deliver|reach|sent|send to)
    (?:could|can|was|were|am|is) ?(?:not|n.t) (?:been )?able to (?:deliver|reach|send)
    (?:could|can|was|were|has|is) (?:be |been )?un(?:deliver|able to) | undeliver
    unable to (?:deliver|reach|send|relay) | not able to deliver | wasn.t able to
    delivery (?:to|of|has|failed|failure|attempt|status|error)
    fail(?:ed|ure) (?:to deliver|permanently|notice|delivery|recipient)
    permanent(?:ly)? (?:error|fail|fatal) | fatal error
    returned (?:mail|to sender|below|message|because) | transcript of session | user unknown
    unknown (?:user|recipient|local) | no such (?:user|recipient|mailbox|person|address)
    mailbox (?:is )?(?:full|unavailable|not found)
    (?:recipient|address|account|user|mailbox)\b.{0,40}\b(?:rejected|refused|invalid|unknown|disabled)
    (?:recipient|address|account|user|mailbox)\b.{0,40}\b(?:inactive|over quota|full)
    (?:recipient|address|account|user|mailbox)\b.{0,40}\b(?:does not exist|doesn.t (?:exist|have))
    (?:recipient|address|account|user|mailbox)\b.{0,40}\bnot (?:exist|found|recognized|accepting|listed|known|valid)
    did not reach | not delivered | quota (?:exceeded|exceed) | over (?:disk )?quota
    message (?:has been |was )?(?:delayed|rejected|refused|blocked) | host (?:unknown|not found)
    delivery temporarily | retry(?:ing)?.{0,30}(?:deliver|send) | could not be | nicht zugestellt
    unzustellbar | konnte nicht | non remis | n.a pas pu | pas pu [eê]tre
    no (?:se )?(?:puede|pudo|ha podido) | não (?:pôde|foi|pode) | impossibile
    niet (?:worden )?(?:bezorgd|afgeleverd) | не (?:доставлен|может|удалось|существует) | 配信
    送信できません | 届け | お届け | 無法 | 无法
    """
)
_WORDS = re.compile(rf"(?i){_WORDS_WORDS}")
_ORIGINAL_WORDS = one_of(
    r"""
    -{2,} ?(?:below this line|the original|original|this is a copy|returned|message|unsent|start of)[^\n]*
    -{2,} ?(?:begin|header|copy|below|included|transcript of message|forwarded)[^\n]*
    -{3,} (?:message (?:header|body|text|that)|headers?|body)[^\n]*
    (?:the )?(?:header|start|text|body|contents?|first part|copy) of (?:the )?(?:e?-?mail|message)[^\n]{0,60}
    (?:the )?(?:header|start|text|body|contents?|copy) of (?:the )?(?:original|returned|your|sent) [^\n]{0,80}
    original (?:message|mail)(?: (?:follows|headers?|text|below|header))?[ :.-]*$
    (?:your )?(?:undelivered|original|returned|unsent) (?:message|mail)[^\n]{0,40}(?:follows|below|attached)[^\n]*
    return-path: | received: (?:from|by|\() | message header follows[^\n]*
    \*+ ?(?:original|message|your)[^\n]{0,30}\*+[ \t]*$ | unsent message below[^\n]*
    message contents follow[^\n]* | (?:message|mail) headers follow[^\n]*
    here is (?:a copy|your)[^\n]* | included is a copy[^\n]* | below is (?:a copy|your)[^\n]*
    """
)
_ORIGINAL = re.compile(rf"(?im)^[ \t>|*]*{_ORIGINAL_WORDS}")
_ADDRESS = r"""(?:"[^"\s@]{1,64}"|[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64})@[A-Za-z0-9_.-]{1,255}"""
_FIND_ADDRESS = re.compile(_ADDRESS)
# The address is all the line says, or comes first and a colon or the reason follows.
_ALONE = re.compile(
    r"(?i)^[\s>*|.-]{0,40}(?:\d+[.)] )?(?:[<\"'(\[]|mailto:|smtp:|rfc822;){0,4}"
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
_REASON_WORDS = one_of(
    r"""
    [45]\d\d[ -] | [45]\.\d\.\d{1,3}\b | unknown | reject | refus | invalid
    not (?:exist|found|known|listed|be delivered|accept|recogni|deliver|valid) | does(?:n.t| not) | full
    quota | disabled | unavailable | undeliver | no such | fail | unable | could ?n.?t | cannot
    inactive | denied | illegal | error | too many hops | not our customer | exceed | suspend | expired
    timed? ?out | respond
    """
)
_REASON = re.compile(rf"(?i)\b{_REASON_WORDS}")
_CODE = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_SMTP_CODE = re.compile(r"(?:^|[\s(#:>-])([45]\d\d)[ -](?:#?[45]\.\d|\S)")
_DELAYED_WORDS = one_of(
    r"""
    (?:message|delivery|mail)[^.\n]{0,60}(?:delayed|not yet (?:been )?delivered)
    will (?:continue|keep|be retried|retry|try again) | still (?:trying|being retried)
    warning message only | you do not need to resend | THIS IS A WARNING
    """
)
_DELAYED = re.compile(rf"(?i){_DELAYED_WORDS}")
_GAVE_UP = re.compile(
    r"(?i)permanent|fatal error|giv(?:en|ing) up|failed|not going to try|could not be delivered|undeliverable|cancel"
)
_IGNORED_LINE_WORDS = one_of(
    r"""
    ^\s*(?:from|message-id|reply-to|sender|contact|reporting-mta|mail from|in-reply-to|references)\s*[:=]
    ^\s*(?:return-path|x-[a-z-]+|cc|subject)\s*[:=]
    contact | assistance | questions | postmaster@ | abuse@ | help ?desk | mailto: | mail from: | e=
    https?:// | message[- ]id
    """
)
_IGNORED_LINE = re.compile(rf"(?i){_IGNORED_LINE_WORDS}")
_PERSONAL = re.compile(
    r"(?i)\b(?:i|i'm|my|me|we|our|hi|hello|dear|hey|thanks|thank you|regards|ich|mein|wir|hallo|bitte|danke"
    r"|je|mon|nous|bonjour|merci|yo|mi|hola|gracias|ciao|grazie|hoi|bedankt|hej|tack)\b"
)
_NOT_A_PERSON = re.compile(r"(?i)^(?:mailer-daemon|postmaster|abuse|mail-daemon|mdaemon)@")
_MESSAGE_ID = re.compile(r"(?im)^[ \t>]*message-id:[ \t]*(<[^<>\s]{3,300}>)")


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
    return not _ANSWER.match(subject[:20]) and bool(_SUBJECT.search(subject[:200]))


def says_undelivered(text: str) -> bool:
    """Whether the beginning of a text speaks of a mail that was not delivered."""
    return bool(_WORDS.search(text[:4000]))


def is_impersonal_notice(text: str) -> bool:
    """Whether a text begins as a notice, names an address on a line of its own, and nobody speaks in it."""
    original = _ORIGINAL.search(text, 1, 4000)
    own = text[: original.start()] if original else text[:4000]
    if not _WORDS.search(own[:300]) or _PERSONAL.search(own[:600]):
        return False
    lines = [line for line in own.split("\n") if "@" in line]
    return any(_ALONE.match(line) or _FIRST.match(line) or _LABELLED.match(line) for line in lines)


def read_notice(text: str, others: tuple[str, ...]) -> Notice:
    """What a notice says. `others` are addresses (lower case) that it may name without meaning a failure."""
    text = text[:TEXT_LIMIT]
    original = _ORIGINAL.search(text, 1)
    own, returned = (text[: original.start()], text[original.start() :]) if original else (text, "")
    returned_id = _MESSAGE_ID.search(returned or text)
    code = _CODE.search(own)
    smtp = _SMTP_CODE.search(own)
    diagnostic = next((line.strip() for line in own.split("\n")[:LINES_LIMIT] if _SMTP_CODE.search(line)), "")
    status = code.group(1) if code else f"{smtp.group(1)[0]}.0.0" if smtp else ""
    return Notice(
        recipients=_reported_inside(text) or _recipients(own, others) or _only_one(_TO.search(returned)),
        status=status,
        diagnostic=" ".join(diagnostic.split())[:1000],
        only_delayed=bool(_DELAYED.search(own)) and not _GAVE_UP.search(own),
        returned_message_id=message_id(returned_id.group(1)) if returned_id else "",
    )


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


def _recipients(own: str, others: tuple[str, ...]) -> tuple[str, ...]:
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
        if _IGNORED_LINE.search(line):
            continue
        into = beside if _REASON.search(line) else anywhere
        for address in _FIND_ADDRESS.findall(line):
            _add(into, address)
    for found in (alone, beside, anywhere):
        failed = tuple(address for key, address in found.items() if key not in others)
        if failed:
            return failed
    return tuple(alone.values())


def _add(found: dict[str, str], address: str) -> None:
    address = address.strip(".'")
    if not _NOT_A_PERSON.match(address):
        found.setdefault(address.lower(), address)
