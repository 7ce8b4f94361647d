"""Others on the same mails: roundup and django-helpdesk, each by its own fastest fair way, each in a venv of its own.

maild's figure beside them is its in-process way as well: accepted one by one, then worked off, letters made and
handed to nobody. The end to end figures of the other rows, with SMTP in and out, are lower.
"""

from __future__ import annotations

import json
import mailbox
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.corpus import Posted, make_corpus, replies
from bench.figures import Figure, How, median
from bench.old_tickets import SETTINGS
from bench.processes import ROOT, BenchFailed
from maild.store.engine import Database
from maild.store.migrate import upgrade
from maild.testing.conversation import Conversation


@dataclass(frozen=True, slots=True)
class Peer:
    """One of the others."""

    name: str
    packages: tuple[str, ...]  # of the Python registry
    program: str  # in bench/peers
    mails: int  # of the corpus; fewer where they would take minutes


_PEERS = (
    Peer("roundup", ("roundup==2.6.0",), "on_roundup.py", 200),
    Peer("django-helpdesk", ("django-helpdesk==2.6.1", "setuptools<81"), "on_helpdesk.py", 500),
)


def measure(how: How) -> Iterator[Figure]:
    """Mails a second; a peer that cannot be installed or that makes other tickets is not measured."""
    with tempfile.TemporaryDirectory(prefix="maild-bench-") as name:
        folder = how.stores or Path(name)
        for peer in _PEERS:
            corpus = make_corpus(how.mails or how.size(10, peer.mails))
            try:
                python = _installed(peer, folder.resolve() / "peers" / peer.name, how)
                rounds = [_round(peer, python, corpus, how) for _ in range(how.rounds)]
            except BenchFailed as failed:
                yield Figure(name=peer.name, value=None, note=str(failed))
                continue
            about = f"{len(corpus)} mails, in process, SQLite"
            yield median(f"{peer.packages[0].replace('==', ' ')}", rounds, "mails/s", note=about)
    corpus = make_corpus(how.mails or how.size(10, 1000))
    rounds = [_ours(corpus) for _ in range(how.rounds)]
    yield median("maild in one process", rounds, "mails/s", note=f"{len(corpus)} mails, in process, SQLite")


def _installed(peer: Peer, folder: Path, how: How) -> str:
    """The Python of its venv, made when it is not there. Raises BenchFailed."""
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        how.say(f"  installing {peer.packages[0]}")
        _run([sys.executable, "-m", "venv", str(folder)], f"{peer.name}: no venv")
        _run([str(python), "-m", "pip", "install", "--quiet", *peer.packages], f"{peer.name} could not be installed")
        (folder / "installed").touch()
    return str(python)


def _round(peer: Peer, python: str, corpus: Sequence[Posted], how: How) -> float:
    with tempfile.TemporaryDirectory(prefix="maild-bench-") as folder:
        box, result = Path(folder, "box"), Path(folder, "result.json")
        mbox = mailbox.mbox(box)
        for mail in corpus:
            mbox.add(mail.raw)
        mbox.close()
        _run([python, str(ROOT / "bench" / "peers" / peer.program), folder, str(box), str(result)], peer.name)
        counted = json.loads(result.read_text())
    expected = (len(corpus) - replies(corpus), len(corpus))
    if (counted["tickets"], counted["mails"]) != expected:
        raise BenchFailed(f"{peer.name}: made {counted}, not {expected[0]} tickets of {expected[1]} mails")
    per_s = len(corpus) / counted["seconds"]
    how.say(f"  {peer.name}: {per_s:.1f} mails/s")
    return float(per_s)


def _run(command: Sequence[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no word").splitlines()[-1]
        raise BenchFailed(f"{what}: {last[:200]}")


def _ours(corpus: Sequence[Posted]) -> float:
    with tempfile.TemporaryDirectory(prefix="maild-bench-") as folder:
        url = f"sqlite:///{folder}/maild.db"
        database = Database(url)
        upgrade(database)
        database.close()
        talk = Conversation(url, Path(folder), settings=SETTINGS.partition("[[agent]]")[0])
        begun = time.perf_counter()
        for mail in corpus:
            talk.accept(mail.raw)
        talk.work()
        seconds = time.perf_counter() - begun
        outcomes = sorted(settled.outcome for settled in talk.settled())
        talk.close()
    if outcomes.count("reply") != replies(corpus) or outcomes.count("new_ticket") != len(corpus) - replies(corpus):
        raise BenchFailed(f"outcomes are {set(outcomes)}")
    return len(corpus) / seconds
