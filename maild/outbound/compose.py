"""Makes a letter's bytes from its head, its words and its files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.utils import format_datetime
from hashlib import blake2b

from maild.app.ports import File, Head, Rendered
from maild.clock import to_utc
from maild.errors import Permanent
from maild.mail.model import Address
from maild.outbound.addresses import is_mailbox
from maild.outbound.attachments import file_part, is_shown_inside
from maild.outbound.bodies import text_part
from maild.outbound.headers import address_header, ids_header, is_id, text_header

_AUTO = re.compile(r"auto-[a-z]+")


def compose(head: Head, words: Rendered, files: Sequence[File] = ()) -> bytes:
    """The complete mail: CRLF line ends, pure ASCII, no line over 998; the same bytes for the same input.

    Text and HTML are alternatives; images that the HTML shows travel with it, other files after:

        mixed [ alternative [ text, related [ html, images ] ], attachments ]

    Levels with one child are left out. No value can make a header, a recipient or a part of its own.

    Raises Permanent when one of our own values cannot be written: sender, Reply-To, Message-ID,
    Auto-Submitted; ValueError for a naive date. Recipients that are not plain mailboxes are left
    out of To and Cc (the envelope decides who gets it, the sender reports a bad address there).
    """
    content = _content(head.message_id, words, files)
    return (_headers(head, words.subject) + content).encode("ascii")


def _headers(head: Head, subject: str) -> str:
    _check_ours(head)
    return "".join(
        (
            f"Date: {format_datetime(to_utc(head.date))}\r\n",
            address_header("From", (head.sender,)),
            # RFC 5322 §3.4: an empty group, where no recipient can be shown.
            address_header("To", head.to) or "To: undisclosed-recipients:;\r\n",
            address_header("Cc", head.cc),
            address_header("Reply-To", (Address("", head.reply_to),)) if head.reply_to else "",
            text_header("Subject", subject),
            f"Message-ID: <{head.message_id}>\r\n",
            ids_header("In-Reply-To", (head.in_reply_to,)),
            ids_header("References", head.references),
            # RFC 3834 §5, and Exchange's own word for it: no out-of-office may answer this.
            f"Auto-Submitted: {head.auto_submitted}\r\nX-Auto-Response-Suppress: All\r\n"
            if head.auto_submitted
            else "",
            "MIME-Version: 1.0\r\n",
        )
    )


def _check_ours(head: Head) -> None:
    """What we made ourselves must be right: a letter without a From or an id of its own is never sent."""
    if not is_mailbox(head.sender.address):
        raise Permanent(f"{head.sender.address!r} is no address that a letter can come from")
    if head.reply_to and not is_mailbox(head.reply_to):
        raise Permanent(f"{head.reply_to!r} is no address that can be answered")
    if not is_id(head.message_id):
        raise Permanent(f"{head.message_id!r} is no Message-ID")
    if head.auto_submitted and not _AUTO.fullmatch(head.auto_submitted):
        raise Permanent(f"{head.auto_submitted!r} is no value for Auto-Submitted")


def _content(message_id: str, words: Rendered, files: Sequence[File]) -> str:
    body = text_part("plain", words.text)
    if words.html:
        shown = [file for file in files if is_shown_inside(file)]
        html = text_part("html", words.html)
        if shown:
            html = _multipart("related", message_id, (html, *map(file_part, shown)))
        body = _multipart("alternative", message_id, (body, html))
        files = [file for file in files if not is_shown_inside(file)]
    return _multipart("mixed", message_id, (body, *map(file_part, files))) if files else body


def _multipart(subtype: str, message_id: str, parts: Sequence[str]) -> str:
    """RFC 2046 §5.1. "=_" comes neither in quoted-printable nor in base64: no part can hold the boundary."""
    boundary = f"=_{subtype}_{blake2b(message_id.encode(), digest_size=12).hexdigest()}"
    # The line end before a boundary belongs to the boundary: without one of its own, a part's last is lost.
    between = f"\r\n--{boundary}\r\n"
    return (
        f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n'
        f"{between}{between.join(parts)}\r\n--{boundary}--\r\n"
    )
