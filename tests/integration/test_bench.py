"""The bench on a small corpus: whether its figures are there and true; what they are is no matter here."""

import json
import subprocess
import sys
from collections import Counter
from email import message_from_bytes
from pathlib import Path

from bench.corpus import make_corpus, replies
from bench.fill import fill_database
from bench.report import summary
from bench.setups import PATIENCE
from maild.store.audit import audit
from maild.store.engine import Database
from maild.testing.servers import PostgresServer

ROOT = Path(__file__).resolve().parents[2]
FIGURES = {
    "accepted_per_s",
    "end_to_end_per_s",
    "ratio",
    "cpu_ms_per_mail",
    "peak_mib",
    "commit_p50_ms",
    "commit_p99_ms",
}


def test_the_same_corpus_every_time() -> None:
    assert make_corpus(60) == make_corpus(60)


def test_the_corpus_is_what_it_says() -> None:
    corpus = make_corpus(1000)
    assert replies(corpus) == 400
    assert len({mail.message_id for mail in corpus}) == 1000
    sizes = [len(mail.raw) for mail in corpus]
    assert sum(size > 50 << 10 for size in sizes) == 100
    assert sum((1 << 10) <= size <= (21 << 10) for size in sizes) == 900
    new = Counter(mail.sender for mail in corpus if mail.parent is None)
    assert len(new) >= 300
    assert max(new.values()) <= 10
    for place, mail in enumerate(corpus):
        head = message_from_bytes(mail.raw)
        assert head["Message-ID"] == f"<{mail.message_id}>"
        if mail.parent is not None:
            parent = corpus[mail.parent]
            assert place - mail.parent >= 100
            assert (head["In-Reply-To"], mail.sender) == (f"<{parent.message_id}>", parent.sender)
            assert parent.message_id in head["References"]


def test_every_line_can_be_sent() -> None:
    for mail in make_corpus(200):
        assert b"\n" not in mail.raw.replace(b"\r\n", b"")
        assert max(map(len, mail.raw.split(b"\r\n"))) <= 998
        assert mail.raw.endswith(b"\r\n")


def test_both_setups_to_the_last_line(postgres_server: PostgresServer, redis_server: object, tmp_path: Path) -> None:
    """The fixtures are asked for so that a missing server is told of in the usual way."""
    detailed = tmp_path / "result.json"
    words = [sys.executable, "-m", "bench", "--mails", "60", "--rounds", "1", "--json", str(detailed)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE * 3, check=False)
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert set(last) == {"bare_aiosmtpd_per_s", "setups"}
    for setup in ("sqlite", "postgresql"):
        figures = last["setups"][setup]
        assert set(figures) == FIGURES
        assert all(value > 0 for value in figures.values())
    workers = json.loads(detailed.read_text())["details"]["postgresql"]["cpu_ms_per_mail"]
    assert set(workers) == {"maild run", "maild worker", "worker 1", "worker 2"}


def test_what_could_not_run_is_null() -> None:
    assert summary([1900.0], {"postgresql": None}) == {"bare_aiosmtpd_per_s": 1900.0, "setups": {"postgresql": None}}


def check_filled(url: str) -> None:
    fill_database(url, 300)
    database = Database(url)
    with database.read() as connection:
        checked = list(audit(connection))
    database.close()
    assert len(checked) == 300
    assert [fault for one in checked for fault in one.faults] == []


def test_bulk_tickets_are_true_on_sqlite(tmp_path: Path) -> None:
    check_filled(f"sqlite:///{tmp_path / 'maild.db'}")


def test_bulk_tickets_are_true_on_postgresql(postgres_url: str) -> None:
    check_filled(postgres_url)
