"""Reads a mail: any bytes in, a Mail out."""

from __future__ import annotations

import hashlib

from maild.mail.addresses import read_addresses
from maild.mail.bodies import Bodies, charset_of_texts, part_text, sort_parts
from maild.mail.charsets import codec_for
from maild.mail.dates import read_date
from maild.mail.fields import Fields, first, split_fields
from maild.mail.filenames import name_for, safe_name
from maild.mail.findings import Findings
from maild.mail.html import CONTENT_ID_REFERENCE, html_text, is_html_document
from maild.mail.ids import message_id, message_ids
from maild.mail.invitations import read_invitation
from maild.mail.model import Address, Attachment, Invitation, Mail
from maild.mail.packages import TNEF_SIGNATURE
from maild.mail.parts import Part, leaves, read_parts
from maild.mail.placeholders import is_stub, may_be_stub, without_picture_names
from maild.mail.programs import program_in
from maild.mail.robots import is_daemon
from maild.mail.transfer import body_bytes
from maild.mail.uuencoded import take_out_uuencoded
from maild.mail.words import header_text, one_line

ADDRESS_HEADERS_LIMIT = 100
STATUS_LIMIT = 256 * 1024
BLOCKS_LIMIT = 500
CALENDARS_LIMIT = 10

_CALENDAR_TYPES = frozenset({"text/calendar", "application/ics"})
_MAIL_TYPES = frozenset({"message/rfc822", "message/global"})
_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED_TYPES = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
_WITHOUT_FILE = _STATUS_TYPES | {
    "message/disposition-notification",
    "message/feedback-report",
    "text/rfc822-headers",
}


def read_mail(raw: bytes) -> Mail:
    """Everything maild knows from the bytes of a mail. Never raises; linear in their number.

    What could not be read is said in `defects`, and everything else is there.
    """
    findings = Findings()
    top = read_parts(raw, findings)
    otherwise = charset_of_texts(top)
    headers = tuple([(name, header_text(value, otherwise)) for name, value in top.fields])
    bodies = sort_parts(top)
    html = "\n".join(part_text(raw, part, otherwise) for part in bodies.html)
    text, further, html_only, found_in_text = _text(raw, bodies, otherwise)
    attachments = (*_attachments(raw, bodies, html), *found_in_text)
    inline = [file.name for file in attachments if file.inline]
    text, further = without_picture_names(text, inline), without_picture_names(further, inline)
    invitation = _invitation(raw, bodies, otherwise)
    first_of = dict(reversed(headers))
    sender = _addresses(top.fields, "from", otherwise)
    _note_oddities(top, bodies, text, findings)
    report_raw, report = _report(raw, top, sender[0] if sender else None)
    return Mail(
        message_id=message_id(first_of.get("message-id", "")),
        in_reply_to=message_ids(first_of.get("in-reply-to", "")),
        references=message_ids(first_of.get("references", "")),
        subject=first_of.get("subject", ""),
        sender=sender[0] if sender else None,
        reply_to=_addresses(top.fields, "reply-to", otherwise),
        to=_addresses(top.fields, "to", otherwise),
        cc=_addresses(top.fields, "cc", otherwise),
        date=read_date(first_of.get("date", "")),
        text=text if text.strip() or invitation is None else invitation.description,
        html=html,
        further_text=further,
        html_only=html_only,
        attachments=attachments,
        headers=headers,
        content_type=top.content_type,
        report_type=top.parameters.get("report-type", "").lower(),
        delivery_status=_delivery_status(report_raw, report) if report else (),
        returned=_returned(report_raw, report) if report else (),
        calendar_method=_calendar_method(top),
        invitation=invitation,
        defects=tuple(findings.defects),
        over_limit=findings.over_limit,
        size=len(raw),
    )


def attachment_bytes(raw: bytes, part: str) -> bytes:
    """The decoded bytes of the attachment at that place. Raises KeyError when there is none.

    A part inside a package ("2/1") is read by `maild.app.opening.file_bytes`. Whoever wants several takes a FileReader.
    """
    return FileReader(raw)(part)


class FileReader:
    """Gives the files of one mail; its parts, and the files in a text, are looked for once, when first asked."""

    def __init__(self, raw: bytes) -> None:
        """Of this mail; costs nothing yet."""
        self._raw = raw
        self._top: Part | None = None
        self._in_text: dict[str, list[tuple[str, bytes]]] = {}  # uuencoded files, by the part whose text holds them

    def __call__(self, part: str) -> bytes:
        """As `attachment_bytes`."""
        number, _, index = part.partition("#")
        if self._top is None:
            self._top = read_parts(self._raw, Findings())
        leaf = next((leaf for leaf in leaves(self._top) if leaf.number == number), None)
        if leaf is None:
            raise KeyError(part)
        if not index:
            return body_bytes(self._raw, leaf)
        if number not in self._in_text:
            text = part_text(self._raw, leaf, charset_of_texts(self._top))
            self._in_text[number] = take_out_uuencoded(text)[1]
        files = self._in_text[number]
        if not index.isdecimal() or not 0 < int(index) <= len(files):
            raise KeyError(part)
        return files[int(index) - 1][1]


def _addresses(fields: Fields, name: str, otherwise: str) -> tuple[Address, ...]:
    """The mailboxes of all headers of a name; of From only the first header counts (RFC 5322 §3.6)."""
    values = [value for key, value in fields if key == name][:ADDRESS_HEADERS_LIMIT]
    if not values:
        return ()
    if len(values) == 1 or name == "from":
        return read_addresses(values[0], otherwise)
    return tuple([address for value in values for address in read_addresses(value, otherwise)][:500])


def _text(raw: bytes, bodies: Bodies, otherwise: str) -> tuple[str, str, bool, list[Attachment]]:
    """The readable text, its end that is not of the first part, whether it is HTML's alone, the files in it."""
    shown: list[str] = []
    files: list[Attachment] = []
    used_html = used_plain = False
    for part in bodies.texts:
        text = part_text(raw, part, otherwise)
        if part.content_type == "text/html":
            text = html_text(text)
            used_html = used_html or bool(text)
        else:
            text, found = (html_text(text), []) if is_html_document(text) else take_out_uuencoded(text)
            files.extend(_uuencoded(part.number, found))
            used_plain = used_plain or bool(text.strip())
        if text.strip() or not shown:
            shown.append(text)
    further = "\n".join(shown[1:])
    plain = "\n".join(text for text in shown if text.strip())
    if bodies.html and not used_html and may_be_stub(plain):
        laid_out = "\n".join(text for part in bodies.html if (text := html_text(part_text(raw, part, otherwise))))
        if is_stub(plain, laid_out):
            return laid_out, "", True, files
    return plain, further, used_html and not used_plain, files


def _note_oddities(top: Part, bodies: Bodies, text: str, findings: Findings) -> None:
    """What was read all the same, but maybe not as it was meant."""
    senders = sum(1 for name, _ in top.fields if name == "from")
    if senders > 1:
        findings.note("there is more than one From; the first one counts")
    for part in (*bodies.texts, *bodies.html):
        charset = part.parameters.get("charset", "")
        if charset and codec_for(charset) is None:
            findings.note(f"the charset {one_line(charset)[:40]} is not known")
    if "\ufffd" in text:
        findings.note("some characters of the text could not be read")


def _uuencoded(number: str, found: list[tuple[str, bytes]]) -> list[Attachment]:
    return [
        _attachment(
            safe_name(name) or f"part-{number}-{index}.bin", "application/octet-stream", data, f"{number}#{index}"
        )
        for index, (name, data) in enumerate(found, 1)
    ]


def _attachments(raw: bytes, bodies: Bodies, html: str) -> list[Attachment]:
    # The plain search is many times faster, and few mails show their pictures so.
    shown_ids = set(CONTENT_ID_REFERENCE.findall(html)) if "cid:" in html.lower() else set()
    found = []
    for part in bodies.files:
        if part.content_type in _WITHOUT_FILE and not part.file_name:
            continue
        content_id = header_text(first(part.fields, "content-id")).strip("<> ")
        inline = part.disposition == "inline" or (bool(content_id) and content_id in shown_ids)
        data = body_bytes(raw, part)
        name = safe_name(part.file_name) or name_for(part.content_type, part.number, _title(part, data))
        # Gateways and users rename winmail.dat, or give it another type.
        kind = "application/ms-tnef" if data[:4] == TNEF_SIGNATURE else part.content_type
        found.append(_attachment(name, kind, data, part.number, inline=inline, content_id=content_id))
    return found


def _attachment(
    name: str, content_type: str, data: bytes, part: str, *, inline: bool = False, content_id: str = ""
) -> Attachment:
    digest = hashlib.sha256(data).hexdigest()
    return Attachment(
        name=name,
        type=content_type,
        size=len(data),
        sha256=digest,
        inline=inline,
        part=part,
        content_id=content_id,
        runs=program_in(data),
    )


def _title(part: Part, data: bytes) -> str:
    """The subject of an attached mail; "" for any other file."""
    if part.content_type not in _MAIL_TYPES:
        return ""
    fields, _ = split_fields(data, 0, len(data), Findings())
    return header_text(first(fields, "subject"))


def _calendar_method(top: Part) -> str:
    """What an invitation asks for; "publish" when text/calendar is the whole mail and does not say."""
    for part in leaves(top):
        if part.content_type == "text/calendar" and part.disposition != "attachment":
            method = part.parameters.get("method", "").lower()
            if method or part is top:
                return method or "publish"
    return ""


def _invitation(raw: bytes, bodies: Bodies, otherwise: str) -> Invitation | None:
    """The first invitation that can be read; one in the mail itself goes before an attached file."""
    found = [part for part in bodies.files if part.content_type in _CALENDAR_TYPES or _is_ics(part)]
    for part in sorted(found[:CALENDARS_LIMIT], key=lambda part: part.disposition == "attachment"):
        text = part_text(raw, part, "utf-8" if not part.parameters.get("charset") else otherwise)
        invitation = read_invitation(text, part.parameters.get("method", "").lower())
        if invitation is not None:
            return invitation
    return None


def _is_ics(part: Part) -> bool:
    return part.file_name[-4:].lower() == ".ics" and not part.content_type.startswith("message/")


def _report(raw: bytes, top: Part, sender: Address | None) -> tuple[bytes, Part | None]:
    """The tree that a report is to be read from: the mail, or the report that a gateway wrapped in a mail."""
    if top.content_type in {"multipart/report", *_STATUS_TYPES}:
        return raw, top
    if not top.children:
        return raw, None
    parts = leaves(top)
    if any(part.content_type in _STATUS_TYPES for part in parts):
        return raw, top
    if sender is None or not is_daemon(sender):
        return raw, None
    for part in parts:
        if part.content_type == "message/rfc822":
            inner = body_bytes(raw, part)
            report = read_parts(inner, Findings())
            return (inner, report) if report.content_type == "multipart/report" else (raw, top)
    return raw, top


def _delivery_status(raw: bytes, top: Part) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The header blocks of a delivery report (RFC 3464 §2.1): its own, then one per recipient."""
    blocks: list[tuple[tuple[str, str], ...]] = []
    for part in leaves(top):
        if part.content_type in _STATUS_TYPES:
            data = body_bytes(raw, part)[:STATUS_LIMIT]
            at = 0
            for _ in range(BLOCKS_LIMIT - len(blocks)):
                if at >= len(data):
                    break
                fields, following = split_fields(data, at, len(data), Findings())
                if following <= at:  # no field in this block: step over it
                    following = data.find(b"\n\n", at) + 2 if data.find(b"\n\n", at) >= 0 else len(data)
                at = following
                if fields:
                    blocks.append(tuple([(name, header_text(value)) for name, value in fields]))
    return tuple(blocks)


def _returned(raw: bytes, top: Part) -> tuple[tuple[str, str], ...]:
    """The headers of the mail that a report sends back."""
    for part in leaves(top):
        if part.content_type in _RETURNED_TYPES:
            data = body_bytes(raw, part)
            fields, _ = split_fields(data, 0, len(data), Findings())
            return tuple([(name, header_text(value)) for name, value in fields])
    return ()
