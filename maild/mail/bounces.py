"""Recognises delivery reports and says who was not reached: RFC 3464 reports first, then free text."""

from __future__ import annotations

import re

from maild.mail.bounce_texts import (
    Notice,
    begins_personally,
    bounce_subject,
    is_impersonal,
    is_impersonal_notice,
    is_sure_bounce_subject,
    opens_as_notice,
    read_notice,
    refused_by_list,
    says_undelivered,
)
from maild.mail.ids import message_id
from maild.mail.lists import is_list_address
from maild.mail.model import Address, Bounce, Mail
from maild.mail.robots import is_daemon, is_unattended
from maild.mail.wrapped_addresses import decoded, unwrapped

Block = dict[str, str]

RECIPIENTS_LIMIT = 100

_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_ADDRESS = re.compile(r"""(?:"[^"\s@]{1,64}"|[^\s<>"'(),;:@\[\]\\]{1,64})@[^\s<>"'(),;:@\\]{1,255}""")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")


def read_bounce(
    mail: Mail, headers: dict[str, str], sender: Address, reverse_path: str | None, *, through_list: bool = False
) -> tuple[Bounce, str] | None:
    """The bounce that this mail is, with the evidence; None when it is none.

    A report that only says "delivered", "relayed" or "expanded" is no bounce (RFC 3464 §2.3.3). Mail that
    came `through_list` is a person's unless a mail system signs it or it went to the list's own machine.
    """
    is_report = mail.report_type == "delivery-status" or mail.content_type in _STATUS_TYPES
    if is_report or (mail.delivery_status and not _is_forwarded(mail, sender, through_list=through_list)):
        blocks = [dict(reversed(block)) for block in mail.delivery_status]
        actions = {_word(block.get("action", "")) for block in blocks} - {""}
        if actions and not actions & {"failed", "delayed", "failure", "error"} and not _failed_blocks(blocks):
            return None
        return _from_report(mail, headers, sender, blocks), "a delivery report (RFC 3464)"
    why = _free_text_evidence(mail, headers, sender, reverse_path, through_list=through_list)
    if not why:
        return None
    notice = read_notice(mail.text, _not_failed(mail, sender), sender.address)
    recipients = _addresses(headers.get("x-failed-recipients", "")) or notice.recipients
    return _bounce(mail, recipients or _returned_to(mail), notice), why


def _is_forwarded(mail: Mail, sender: Address, *, through_list: bool) -> bool:
    """Whether a person passes on a report: it is a part of a mail, and no mail system signs it."""
    if mail.content_type == "multipart/report":
        return False
    return not is_daemon(sender) and (through_list or bool(mail.in_reply_to) or begins_personally(mail.text))


def _free_text_evidence(
    mail: Mail, headers: dict[str, str], sender: Address, reverse_path: str | None, *, through_list: bool
) -> str:
    """Why a mail without a report is a bounce all the same, "" when it is none."""
    if "x-failed-recipients" in headers:
        return "the header x-failed-recipients"
    subject = bounce_subject(mail.subject)
    nobody = not sender.address and headers.get("from", "").strip() == "<>"
    if is_unattended(sender) or nobody or reverse_path == "" or _daemon_path(reverse_path):
        if subject:
            return "a mail system wrote that a mail was not delivered (subject)"
        if says_undelivered(mail.text):
            return "a mail system wrote that a mail was not delivered (text)"
        return ""
    if is_daemon(sender) and is_sure_bounce_subject(mail.subject):
        return "the subject is that of a delivery notice, and the sender that of a mail system"
    if (is_list_address(sender.address) or "x-mlserver" in headers) and refused_by_list(mail.subject, mail.text):
        return "a mailing list refused a mail"
    if through_list and not any(is_list_address(each.address) for each in mail.to):
        return ""
    # People write from postmaster@, and about "undeliverable" mail: only what cannot be a person's words counts.
    if mail.in_reply_to:
        return ""
    if opens_as_notice(mail.text):
        return "its text begins as only that of a mail system does"
    if subject and (is_daemon(sender) or not sender.address) and is_impersonal(mail.text):
        return "subject and text are those of a delivery notice, and the sender that of a mail system"
    if (subject or is_daemon(sender)) and is_impersonal_notice(mail.text):
        return "subject and text are those of a delivery notice"
    if subject and _returns_a_mail(mail) and is_impersonal(mail.text):
        return "it returns a mail, and its text is that of a delivery notice"
    return ""


def _daemon_path(reverse_path: str | None) -> bool:
    """Whether the reverse-path is a mail system's own; "list-bounces@" is that of every post of a list."""
    path = Address("", reverse_path or "")
    return is_unattended(path) and not is_list_address(path.address)


def _returns_a_mail(mail: Mail) -> bool:
    return any(each.type in {"message/rfc822", "text/rfc822-headers"} for each in mail.attachments)


def _from_report(mail: Mail, headers: dict[str, str], sender: Address, blocks: list[Block]) -> Bounce:
    unreached = _failed_blocks(blocks)
    # Who waits is told later, in a report of its own.
    failed = [block for block in unreached if _word(block.get("action", "")) != "delayed"] or unreached
    recipients: list[str] = []
    for block in failed:
        address = _recipient(block)
        if address and address.lower() not in {each.lower() for each in recipients}:
            recipients.append(address)
    notice = Notice()
    if not recipients or not any("diagnostic-code" in block for block in failed):
        notice = read_notice(mail.text, _not_failed(mail, sender), sender.address)
    found = tuple(recipients) or _addresses(headers.get("x-failed-recipients", "")) or notice.recipients
    actions = {_word(block.get("action", "")) for block in failed} - {""}
    status = next((code for block in failed if (code := _status(block))), notice.status)
    diagnostic = next((text for block in failed if (text := block.get("diagnostic-code", ""))), notice.diagnostic)
    permanent = not (actions and actions <= {"delayed"}) and not (not actions and status.startswith("4"))
    return Bounce(
        recipients=(found or _returned_to(mail))[:RECIPIENTS_LIMIT],
        permanent=permanent,
        status=status,
        diagnostic=" ".join(diagnostic.split())[:1000],
        returned_message_id=_returned_id(mail, notice),
    )


def _failed_blocks(blocks: list[Block]) -> list[Block]:
    """The blocks of recipients who were not reached; without Action the status decides."""
    found = []
    for block in blocks:
        if not any(name in block for name in ("final-recipient", "original-recipient", "x-actual-recipient")):
            continue
        action = _word(block.get("action", ""))
        if action in {"delivered", "relayed", "expanded", "deliverable"}:
            continue
        if not action and block.get("status", "").strip().startswith("2"):
            continue
        found.append(block)
    return found


def _recipient(block: Block) -> str:
    """The address that the sender knows, else the one it was forwarded to (RFC 3464 §2.3.1, §2.3.2)."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        value = block.get(name, "")
        kind, semicolon, text = value.partition(";")
        kind = kind.strip().lower() if semicolon else ""
        if semicolon and kind not in {"rfc822", "utf-8", "smtp", "x-local"}:
            text = value if "@" in value else ""
        found = _addresses(decoded(text if semicolon else value, kind))
        if found:
            return unwrapped(found[0])
    return ""


def _status(block: Block) -> str:
    """The block's status; the one of the remote system's words where it is of the same class and says more."""
    own = _STATUS.search(block.get("status", ""))
    told = _STATUS.search(block.get("diagnostic-code", ""))
    if own and told and own.group(1).endswith(".0.0") and own.group(1)[0] == told.group(1)[0]:
        return told.group(1)
    found = own or told
    return found.group(1) if found else ""


def _word(value: str) -> str:
    words = value.split(None, 1)
    return words[0].strip("();,").lower() if words else ""


def _addresses(value: str) -> tuple[str, ...]:
    found = dict.fromkeys(each.strip(".") for each in _ADDRESS.findall(value[:20_000]))
    return tuple(found)[:RECIPIENTS_LIMIT]


def _not_failed(mail: Mail, sender: Address) -> tuple[str, ...]:
    """Addresses that a notice names for other reasons: who sends it, and who it is sent to."""
    return (sender.address.lower(), *[each.address.lower() for each in mail.to])


def _returned_to(mail: Mail) -> tuple[str, ...]:
    """Whom the mail that came back was for, when it was for one address only."""
    to = next((value for name, value in mail.returned if name == "to"), "")
    found = _addresses(to)
    return found if len(found) == 1 else ()


def _returned_id(mail: Mail, notice: Notice) -> str:
    value = next((value for name, value in mail.returned if name == "message-id"), "")
    return message_id(value) if value else notice.returned_message_id


def _bounce(mail: Mail, recipients: tuple[str, ...], notice: Notice) -> Bounce:
    return Bounce(
        recipients=tuple(dict.fromkeys(unwrapped(each) for each in recipients))[:RECIPIENTS_LIMIT],
        permanent=not notice.only_delayed,
        status=notice.status,
        diagnostic=notice.diagnostic,
        returned_message_id=_returned_id(mail, notice),
    )
