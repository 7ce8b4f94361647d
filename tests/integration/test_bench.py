"""The bench on a small corpus: whether its figures are there and true; what they are is no matter here."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from bench.corpus import again, make_corpus, replies
from bench.figures import Figure, How, Target, at_most, median
from bench.fill import fill_database
from bench.one_store import LISTS, PER_MAIL, Store
from bench.report import last_line, table
from bench.rows import growth, peers
from maild.clock import utc_now
from maild.mail.asked_lists import Asked
from maild.store import schema
from maild.store.audit import audit
from maild.store.clocks import due_tickets
from maild.store.engine import Database
from maild.store.migrate import current, newest
from maild.store.searching import search_tickets
from maild.testing.servers import PostgresServer

ABOUT = {"date": "today", "commit": "abc", "cores": 2, "processor": "one", "load_before": 0}
ROOT = Path(__file__).resolve().parents[2]


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


def bench(rows: Sequence[str], *words: str) -> tuple[dict[str, Any], str]:
    """What a tiny bench of these rows says in its last line, and to the person who waits."""
    chosen = [word for row in rows for word in ("--row", row)]
    command = [sys.executable, "-m", "bench", "--quick", "--mails", "20", *chosen, *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    last: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert last["not_measured"] == [], done.stderr
    assert list(last["rows"]) == list(rows)
    return last, done.stderr


@pytest.mark.timeout(300)  # a dozen processes start one after another, on a machine that may be busy
def test_rows_on_sqlite_to_the_last_line(dovecot_server: object, tmp_path: Path) -> None:
    """The fixture is asked for so that a missing server is told of in the usual way."""
    detailed = tmp_path / "result.json"
    rows = ["sqlite", "accepted", "imap", "growth", "memory", "start"]
    last, told = bench(rows, "--tickets", "40", "--json", str(detailed))
    assert {"date", "commit", "cores", "load_before"} <= set(last)
    for row, figure in (
        ("sqlite", "SQLite: of bare aiosmtpd"),
        ("accepted", "door alone, commits 2 ms slower: p99 of the 250"),
        ("imap", "20 mails in Dovecot: to tickets"),
        ("growth", "SQLite, 20 and 40 tickets: a mail in all"),
        ("memory", "idle"),
        ("start", "SQLite, 40 tickets: start to the first 250"),
    ):
        assert last["rows"][row][figure] > 0
        assert figure in told
    assert json.loads(detailed.read_text())["details"]["memory"][0]["target"] == {"limit": 120, "at_least": False}


@pytest.mark.timeout(300)
def test_rows_on_postgresql_to_the_last_line(postgres_server: PostgresServer, redis_server: object) -> None:
    last, told = bench(["workers"])  # the row "postgresql" is this one without a scanner
    assert last["rows"]["workers"]["1 workers, 200 ms a file: end to end"] > 0
    assert "CPU of maild and its servers" in told


def test_a_target_is_met_or_missed_plainly() -> None:
    reached = median("mails", [390, 410, 420], "mails/s", Target(400))
    heavy = median("idle", [130], "MiB", at_most(120))
    absent = Figure(name="IMAP", value=None, note="dovecot is not installed")
    told = table(ABOUT, {"row": [reached, heavy, absent]})
    assert "410 mails/s   met    at least 400 mails/s" in told
    assert "130 MiB   missed at most 120 MiB" in told
    assert "not measured: dovecot is not installed" in told
    last = last_line(ABOUT, {"row": [reached, heavy, absent]})
    assert last["rows"] == {"row": {"mails": 410, "idle": 130, "IMAP": None}}
    assert (last["missed"], last["not_measured"]) == (["idle"], ["IMAP"])


def test_a_peer_that_cannot_be_installed_is_not_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    *others, ours = peers.measure(How(say=lambda _text: None, quick=True, rounds=1, stores=tmp_path))
    assert [(each.name, each.value, each.verdict) for each in others] == [
        ("roundup", None, "not measured"),
        ("django-helpdesk", None, "not measured"),
    ]
    assert ours.value


def test_the_same_mails_again_are_by_others() -> None:
    corpus = make_corpus(40)
    for first, second in zip(corpus, again(corpus, 7), strict=True):
        assert second.message_id != first.message_id
        assert second.message_id.encode() in second.raw
        assert second.sender != first.sender
        assert first.message_id.encode() not in second.raw


def check_filled(url: str) -> None:
    fill_database(url, 300)
    database = Database(url)
    with database.read() as connection:
        checked = list(audit(connection))
    assert len(checked) == 300
    assert [fault for one in checked for fault in one.faults] == []
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(schema.event)).scalar_one() == 1200
        assert search_tickets(connection, "pump 0000123") == [123]
        assert len(due_tickets(connection, utc_now() + timedelta(days=1), 1000)) == 150  # the open half
    database.close()


def test_bulk_tickets_are_true_on_sqlite(tmp_path: Path) -> None:
    check_filled(f"sqlite:///{tmp_path / 'maild.db'}")


def plans_of(store: Store, asked: Asked) -> list[str]:
    """The plans of a list's statements, each as one text, where reading a whole table is forbidden."""
    plans = []

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT ticket.number"):
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement}", parameters)
            plans.append("\n".join(row[0] for row in cursor.fetchall()))

    event.listen(store.talk.database.engine, "before_cursor_execute", explain)
    store.look_at(asked)
    event.remove(store.talk.database.engine, "before_cursor_execute", explain)
    assert plans
    return plans


def test_bulk_tickets_are_true_on_postgresql(
    postgres_server: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    check_filled(postgres_url)
    store = Store(postgres_url, tmp_path, 300, postgres_server.pid)
    spent = store.round(make_corpus(5), looks=1)
    assert set(PER_MAIL) < set(spent)
    assert all(value >= 0 for value in spent.values())
    # The open tickets are the newest: to walk along all of them by number would read every closed one first.
    for name in ("list unassigned", "list of a queue"):
        assert [plan for plan in plans_of(store, LISTS[name]) if "ticket_pkey" in plan and "Limit" in plan] == []
    store.close()


def test_a_store_that_was_kept_gets_the_tables_of_today(tmp_path: Path) -> None:
    kept = tmp_path / "5-tickets.db"
    kept.touch()
    url = growth.filled_sqlite(tmp_path, 5, How(say=lambda _text: None))
    database = Database(url)
    assert (Path(url.removeprefix("sqlite:///")), current(database)) == (kept, newest())
    database.close()
