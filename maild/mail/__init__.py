"""Reads a mail: bytes in, plain values out; no I/O."""

from maild.mail.absences import away_until, with_absence
from maild.mail.explain import as_json
from maild.mail.file_policy import FilePolicy, may_hand_out, refused_for_letter
from maild.mail.gratitude import is_gratitude, is_mere_thanks
from maild.mail.hops import Hop, received_hops
from maild.mail.kinds import classify
from maild.mail.model import Address, Attachment, Bounce, Identity, Invitation, Kind, Mail, Reply, Scan, Verdict
from maild.mail.reading import attachment_bytes, read_mail
from maild.mail.replies import reply_text

__all__ = [
    "Address",
    "Attachment",
    "Bounce",
    "FilePolicy",
    "Hop",
    "Identity",
    "Invitation",
    "Kind",
    "Mail",
    "Reply",
    "Scan",
    "Verdict",
    "as_json",
    "attachment_bytes",
    "away_until",
    "classify",
    "is_gratitude",
    "is_mere_thanks",
    "may_hand_out",
    "read_mail",
    "received_hops",
    "refused_for_letter",
    "reply_text",
    "with_absence",
]
