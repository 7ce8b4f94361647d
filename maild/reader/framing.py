"""How parent and child talk: pickles, each behind its length. They are one program and one user."""

from __future__ import annotations

import pickle
from dataclasses import fields
from typing import BinaryIO

from maild.app.prepare import Prepared
from maild.app.reader import Read
from maild.app.work import Claimed
from maild.mail.packages import Package

HEAD = 4  # bytes of a length
_SENT = tuple(each.name for each in fields(Prepared) if each.init and each.name != "row")


def pack(message: object) -> bytes:
    """A message with its length before it. Raises what pickle raises for what it cannot take."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(body).to_bytes(HEAD, "big") + body


def receive(source: BinaryIO) -> object:
    """The next message; None at the end."""
    head = source.read(HEAD)
    body = source.read(int.from_bytes(head, "big"))
    return pickle.loads(body) if body else None  # noqa: S301  # from our own parent


def leave_to_parent(data: bytes) -> Package:  # the port's
    """The port `PackageOpener` of the child, which starts no other: the parent reads such a mail itself."""
    raise NotImplementedError("packages are opened by the parent")


def pack_read(read: Read | None) -> bytes:
    """What came of a mail, but for the mail, which the parent has; None: the parent must read it itself."""
    if read is None:
        return pack(None)
    one = read.prepared
    return pack((one.row.id, tuple([getattr(one, name) for name in _SENT]), read.routed, read.done))


def unpack_read(row: Claimed, body: bytes) -> Read | None:
    """The same with its mail. Raises anything when it is no such answer, ValueError when it is another mail's."""
    said = pickle.loads(body)  # noqa: S301  # from our own child
    if said is None:
        return None
    inbox, values, routed, done = said
    if inbox != row.id:  # nobody may ever get another's words
        raise ValueError(f"it answers for mail {inbox} in place of {row.id}")
    return Read(Prepared(row=row, **dict(zip(_SENT, values, strict=True))), routed, done)
