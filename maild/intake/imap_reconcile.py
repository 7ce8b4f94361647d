"""Comparing the server's UIDs with the stored ones, to find what was passed over or left behind."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """What does not agree; all are UIDs of one folder under one UIDVALIDITY."""

    gap: frozenset[int]  # on the server below the cursor, never stored and never noted as failed
    gone: frozenset[int]  # noted as failed, and no longer on the server
    failed: frozenset[int]  # noted as failed, and still there
    left: frozenset[int]  # stored, and still there: fine when mails are left, else a crash's remains


def compare(present: AbstractSet[int], stored: AbstractSet[int], failed: Collection[int], last_uid: int) -> Difference:
    """Find the differences.

    The gap begins at the first UID that was ever stored or failed: below it lie the mails of before
    the first run, and later those whose rows were deleted when their time was over.
    """
    known = stored | set(failed)
    floor = min(known, default=last_uid + 1)
    return Difference(
        gap=frozenset(uid for uid in present - known if floor <= uid <= last_uid),
        gone=frozenset(failed) - present,
        failed=frozenset(failed) & present - stored,
        left=frozenset(present & stored),
    )
