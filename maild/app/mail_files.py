"""Which of a customer's files go along with a letter to agents, and which are only named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from maild.app.letter_facts import size_text
from maild.app.ports import File
from maild.app.travelling import Travelling
from maild.mail.file_policy import FilePolicy, may_hand_out
from maild.mail.model import Attachment


class MailFiles:
    """The files of one mail; each is read once, however many letters it goes along with."""

    def __init__(
        self,
        files: Sequence[Attachment],
        read: Callable[[str], bytes],
        *,
        inbox: int,
        travelling: Travelling,
        policy: FilePolicy,
    ) -> None:
        """`read` gives the bytes of a part, or raises KeyError; `inbox` is the mail's row."""
        self._files = [(file, may_hand_out(file, policy)) for file in files]
        self._read = read
        self._inbox = inbox
        self._travelling = travelling
        self._along: dict[str, File] | None = None

    def facts(self, *, along: bool) -> list[dict[str, object]]:
        """The fact `attachments`; `along` says whether files go with this letter, as far as they fit.

        Who does not get a file here fetches it by the command in `fetch`.
        """
        sent = self._travelling_files() if along else {}
        return [
            {
                "name": file.name,
                "size_text": size_text(file.size),
                "type": file.type,
                "refused": refused,
                "attached": file.part in sent,
                "fetch": "" if refused or file.part in sent else f"maild attachment {self._inbox} {file.part}",
            }
            for file, refused in self._files
        ]

    def along(self) -> tuple[File, ...]:
        """The files that go with a letter, in their order."""
        return tuple(self._travelling_files().values())

    def _travelling_files(self) -> dict[str, File]:
        if self._along is None:
            self._along = dict(self._read_some())
        return self._along

    def _read_some(self) -> Iterable[tuple[str, File]]:
        """Those that may be handed out and fit, each by its part."""
        room = self._travelling.up_to
        for file, refused in self._files:
            if refused or file.size > room:
                continue
            try:
                content = self._read(file.part)
            except KeyError:  # in a package that is not opened again
                continue
            room -= file.size
            # A picture within a text would be shown nowhere: our words are not the customer's.
            yield file.part, File(name=file.name, type=file.type, content=content)
