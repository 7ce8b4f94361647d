"""Recognises delivery reports and says who was not reached: RFC 3464 reports first, then free text."""

from __future__ import annotations

import re

from maild.mail.bounce_texts import Notice, bounce_subject, is_impersonal_notice, read_notice, says_undelivered
from maild.mail.ids import message_id
from maild.mail.model import Address, Bounce, Mail
from maild.mail.robots import is_daemon

Block = dict[str, str]

RECIPIENTS_LIMIT = 100

_ADDRESS = re.compile(r"""(?:"[^"\s@]{1,64}"|[^\s<>"'(),;:@\[\]\\]{1,64})@[^\s<>"'(),;:@\\]{1,255}""")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


def read_bounce(
    mail: Mail, headers: dict[str, str], sender: Address, reverse_path: str | None
) -> tuple[Bounce, str] | None:
    """The bounce that this mail is, with the evidence; None when it is none.

    A report that only says "delivered" or "relayed" is no bounce.
    """
    if mail.report_type == "delivery-status" or mail.delivery_status:
        blocks = [dict(reversed(block)) for block in mail.delivery_status]
        actions = {_word(block.get("action", "")) for block in blocks} - {""}
        if actions and not actions & {"failed", "delayed", "failure", "error"} and not _failed_blocks(blocks):
            return None
        return _from_report(mail, headers, sender, blocks), "a delivery report (RFC 3464)"
    why = _free_text_evidence(mail, headers, sender, reverse_path)
    if not why:
        return None
    notice = read_notice(mail.text, _not_failed(mail, sender))
    recipients = _addresses(headers.get("x-failed-recipients", "")) or notice.recipients
    return _bounce(mail, recipients or _returned_to(mail), notice), why


def _free_text_evidence(mail: Mail, headers: dict[str, str], sender: Address, reverse_path: str | None) -> str:
    """Why a mail without a report is a bounce all the same, "" when it is none."""
    if "x-failed-recipients" in headers:
        return "the header x-failed-recipients"
    machine = is_daemon(sender) or reverse_path == "" or is_daemon(Address("", reverse_path or ""))
    if not machine and not sender.address:
        machine = True
    subject = bounce_subject(mail.subject)
    if machine and subject:
        return "a mail system wrote that a mail was not delivered (subject)"
    if machine and says_undelivered(mail.text):
        return "a mail system wrote that a mail was not delivered (text)"
    # A person may write about an "undeliverable" mail; only a text that cannot be a person's counts.
    if subject and not mail.in_reply_to and is_impersonal_notice(mail.text):
        return "subject and text are those of a delivery notice"
    return ""


def _from_report(mail: Mail, headers: dict[str, str], sender: Address, blocks: list[Block]) -> Bounce:
    failed = _failed_blocks(blocks)
    recipients: list[str] = []
    for block in failed:
        address = _recipient(block)
        if address and address.lower() not in {each.lower() for each in recipients}:
            recipients.append(address)
    notice = Notice()
    if not recipients or not any("diagnostic-code" in block for block in failed):
        notice = read_notice(mail.text, _not_failed(mail, sender))
    found = tuple(recipients) or _addresses(headers.get("x-failed-recipients", "")) or notice.recipients
    actions = {_word(block.get("action", "")) for block in failed}
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
        if semicolon and kind.strip().lower() not in {"rfc822", "utf-8", "smtp", "x-local"}:
            text = value if "@" in value else ""
        found = _addresses(text if semicolon else value)
        if found:
            return found[0]
    return ""


def _status(block: Block) -> str:
    found = _STATUS.search(block.get("status", "")) or _STATUS.search(block.get("diagnostic-code", ""))
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
        recipients=recipients[:RECIPIENTS_LIMIT],
        permanent=not notice.only_delayed,
        status=notice.status,
        diagnostic=notice.diagnostic,
        returned_message_id=_returned_id(mail, notice),
    )
