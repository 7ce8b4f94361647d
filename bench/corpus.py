"""The fixed corpus: who writes what, in which order; the same seed gives the same bytes.

60 % are new mails, 40 % are replies of the same sender to an earlier mail of the corpus, with its id in
In-Reply-To and References and its words quoted. A reply never follows its parent closely, as in life:
at least DISTANCE mails lie between. Sizes are even over 1-20 KiB; to every tenth mail come 50 KiB.
"""

from __future__ import annotations

import pickle
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.languages import SHARES
from bench.writing import Draft, Sender, cost, sentences, write

SUPPORT = "support@example.com"
SEED = 20251103
DISTANCE = 100  # mails between a reply and its parent, where the corpus is long enough
_REPLIES = 0.4
_BEGIN = datetime(2025, 11, 3, 8, 0, tzinfo=UTC)
_HEADERS = 2000  # bytes, about; with the ends of parts
_PEOPLE = ("Kim", "Jörg", "Zoë", "Иван", "花子", "Anna", "Peter", "Chloé", "Müller", "O'Brien", "Smith", "Weiß")


@dataclass(frozen=True, slots=True)
class Posted:
    """One mail of the corpus."""

    message_id: str
    sender: str
    raw: bytes
    parent: int | None  # the place of the mail that it answers


@dataclass(frozen=True, slots=True)
class _Written:
    draft: Draft
    place: int


def make_corpus(count: int, seed: int = SEED) -> list[Posted]:
    """`count` mails; a shorter corpus is not the beginning of a longer one."""
    chance = random.Random(seed)
    kinds = _kinds(chance, count)
    # So many that nobody writes more new mails than the limit of acknowledgements (10 in 10 minutes).
    senders = [_sender(chance, number) for number in range(max(300, count // 3))]
    written: list[_Written] = []
    corpus: list[Posted] = []
    for place, is_reply in enumerate(kinds):
        parent = None
        if is_reply:
            old_enough = sum(1 for w in written if w.place <= place - _distance(count)) or 1
            parent = written[chance.randrange(old_enough)]
            draft = _reply(chance, place, parent.draft)
        else:
            draft = _new(chance, place, senders[len(written) % len(senders)])
            written.append(_Written(draft, place))
        raw = write(chance, draft)
        corpus.append(Posted(draft.message_id, draft.sender.address, raw, parent.place if parent else None))
    return corpus


def again(corpus: Sequence[Posted], number: int) -> list[Posted]:
    """The same mails once more, by other people and with other ids: so many more mails, made quickly."""

    def other(raw: bytes) -> bytes:
        return raw.replace(b"customer", b"customer-%d-" % number).replace(b"@company", b"@company-%d-" % number)

    return [
        Posted(other(m.message_id.encode()).decode(), other(m.sender.encode()).decode(), other(m.raw), m.parent)
        for m in corpus
    ]


def replies(corpus: Sequence[Posted]) -> int:
    """How many of them are replies."""
    return sum(mail.parent is not None for mail in corpus)


def save(corpus: Sequence[Posted], file: Path) -> None:
    """Write a corpus for the client's process."""
    file.write_bytes(pickle.dumps(list(corpus)))


def load(file: Path) -> list[Posted]:
    """Read what `save` wrote."""
    corpus: list[Posted] = pickle.loads(file.read_bytes())  # noqa: S301 - our own file of a minute ago
    return corpus


def _distance(count: int) -> int:
    return min(DISTANCE, count // 5)


def _kinds(chance: random.Random, count: int) -> list[bool]:
    """For each mail whether it is a reply; the first ones are all new, or nothing could be answered."""
    first = max(1, _distance(count))
    rest = [place < round(count * _REPLIES) for place in range(max(0, count - first))]
    chance.shuffle(rest)
    return [False] * min(first, count) + rest


def _sender(chance: random.Random, number: int) -> Sender:
    language = chance.choices([known for known, _ in SHARES], [share for _, share in SHARES])[0]
    name = f"{chance.choice(_PEOPLE)} {chance.choice(_PEOPLE)}"
    return Sender(name, f"customer{number}@company{number % 97}.example", language)


def _size(chance: random.Random) -> int:
    return max(100, chance.randint(1 << 10, 20 << 10) - _HEADERS)


def _new(chance: random.Random, place: int, sender: Sender) -> Draft:
    rich = chance.random() < 0.5
    text = sentences(chance, sender.language, _size(chance) // (3 if rich else 1))
    return _draft(chance, place, sender, subject=chance.choice(sender.language.subjects), text=text, rich=rich)


def _reply(chance: random.Random, place: int, parent: Draft) -> Draft:
    rich = chance.random() < 0.5
    size = _size(chance) // (3 if rich else 1)
    sender = parent.sender
    own = sentences(chance, sender.language, min(size, chance.randint(100, 1500)))
    wrote = sender.language.wrote.format(when=f"{parent.at:%d.%m.%Y %H:%M}", who=f"{sender.name} <{sender.address}>")
    quoted: list[str] = []
    room = size - sum(map(cost, own.split("\n")))
    for line in parent.text.split("\n"):
        room -= cost(line) + 2
        if room < 0:
            break
        quoted.append(f"> {line}")
    text = "\n".join((own, sender.language.bye, sender.name, "", wrote, *quoted, ""))
    references = (*parent.references, parent.message_id)
    subject = f"Re: {parent.subject}"
    return _draft(chance, place, sender, subject=subject, text=text, references=references, rich=rich)


def _draft(
    chance: random.Random,
    place: int,
    sender: Sender,
    *,
    subject: str,
    text: str,
    rich: bool,
    references: tuple[str, ...] = (),
) -> Draft:
    return Draft(
        message_id=f"{chance.getrandbits(64):016x}.{place}@{sender.address.partition('@')[2]}",
        references=references,
        sender=sender,
        to=SUPPORT,
        at=_BEGIN + timedelta(seconds=37 * place),
        subject=subject,
        text=text,
        rich=rich,
        attached=place % 10 == 7,
    )
