"""Letters that parts still had in hand when others took their place: after a reload, or when a directory changed."""

from __future__ import annotations

from maild.bootstrap.parts import Parts


class FormerParts:
    """Parts that begin nothing more, until how their letters went is recorded. Added to by any thread."""

    def __init__(self) -> None:
        """There are none."""
        self._parts: list[Parts] = []

    @property
    def busy(self) -> bool:
        """Whether any of them has letters in hand."""
        return any(parts.deliver.hand.busy for parts in self._parts)

    def add(self, parts: Parts) -> None:
        """These were replaced."""
        parts.deliver.retire()
        self._parts.append(parts)

    def settle(self) -> None:
        """Record what has ended since, and let go who has nothing left. Raises when the database is away."""
        for parts in list(self._parts):
            parts.deliver.run()
            if not parts.deliver.hand.busy:
                self._parts.remove(parts)
                parts.lanes.close()
