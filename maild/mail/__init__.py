"""Reads a mail: bytes in, plain values out; no I/O."""

from maild.mail.absences import away_until, with_absence
from maild.mail.explain import as_json
from maild.mail.gratitude import is_gratitude, is_mere_thanks
from maild.mail.hops import Hop, received_hops
from maild.mail.kinds import classify
from maild.mail.model import Address, Attachment, Bounce, Identity, Kind, Mail, Reply, Verdict
from maild.mail.reading import attachment_bytes, read_mail
from maild.mail.replies import reply_text

__all__ = [
    "Address",
    "Attachment",
    "Bounce",
    "Hop",
    "Identity",
    "Kind",
    "Mail",
    "Reply",
    "Verdict",
    "as_json",
    "attachment_bytes",
    "away_until",
    "classify",
    "is_gratitude",
    "is_mere_thanks",
    "read_mail",
    "received_hops",
    "reply_text",
    "with_absence",
]
