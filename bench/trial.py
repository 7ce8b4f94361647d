"""Measures `maild route try`: 1,000 rules tried on stored mails, by the command itself, on all cores."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import insert, update

from bench.corpus import make_corpus
from bench.fill import count_of, fill_database
from maild.bootstrap.processes import this_program
from maild.mail import read_mail, reply_text
from maild.routing.rules import Rule, Then, When
from maild.store.engine import Database
from maild.store.rows import pack
from maild.store.schema import inbox, mail, raw
from maild.testing.conversation import SETTINGS

MAILS = 100_000
_DIFFERENT = 600  # mails of the corpus, each stored once: what is read again and again lies in the page cache
_EVER = "36000d"


def measure_trial(rules: Sequence[Rule], say: Callable[[str], None], count: int = MAILS) -> float:
    """Mails per second of the whole command, its start and its report included."""
    with tempfile.TemporaryDirectory() as folder:
        current, changed = Path(folder, "maild.toml"), Path(folder, "new.toml")
        current.write_text(SETTINGS)
        # One that hits most mails, so that there is something to tell.
        frequent = When(words=("the", "und", "la", "de", "please*"))
        rules = [*rules, Rule(name="frequent", when=frequent, then=Then(queue="queue0", tags=("frequent",)))]
        queues = ["support", *sorted({rule.then.queue for rule in rules})]
        changed.write_text("\n".join((SETTINGS, *map(_queue, queues), *map(_written, rules))))
        say(f"storing {count:,} mails")
        _store(Path(folder, "data", "maild.db"), count)
        begun = time.perf_counter()
        words = ("--config", str(current), "route", "try", "--config", str(changed), "--since", _EVER, "--json")
        told = subprocess.run(this_program(*words), check=True, capture_output=True, text=True)
        seconds = time.perf_counter() - begun
    document = json.loads(told.stdout)
    say(f"{len(rules):,} rules tried on {document['mails']:,} mails: {seconds:.1f} s, {count / seconds:,.0f} mails/s")
    return count / seconds


def _store(file: Path, count: int) -> None:
    """A desk's history, whose mails are those of the corpus (1 to 20 KiB, some with 50 KiB in files)."""
    file.parent.mkdir(parents=True)
    fill_database(f"sqlite:///{file}", count)  # of three mails, of which the first one is tried
    database = Database(f"sqlite:///{file}")
    corpus = [posted.raw for posted in make_corpus(_DIFFERENT)]
    with database.write() as connection:
        first = count_of(connection, raw) + 1
        rows = [{"id": first + at, "size": len(body), "body": pack(body)} for at, body in enumerate(corpus)]
        connection.execute(insert(raw), rows)
        for at, body in enumerate(corpus):
            same = inbox.c.id % _DIFFERENT == at
            connection.execute(update(inbox).where(same).values(raw=first + at))
            words = reply_text(read_mail(body)).text
            connection.execute(update(mail).where(mail.c.inbox % _DIFFERENT == at).values(words=words))
    database.close()


def _queue(name: str) -> str:
    return f'[[queue]]\nname = "{name}"\naddresses = ["{name}@example.com"]\n'


def _written(rule: Rule) -> str:
    """A rule as the file has it; its words need no escapes but those of JSON, which are TOML's."""
    when = {key: list(getattr(rule.when, key)) for key in ("words", "regex", "domain") if getattr(rule.when, key)}
    conditions = ", ".join(f"{key} = {json.dumps(values)}" for key, values in when.items())
    then = f"queue = {json.dumps(rule.then.queue)}, tags = {json.dumps(list(rule.then.tags))}"
    return f"[[rule]]\nname = {json.dumps(rule.name)}\nwhen = {{ {conditions} }}\nthen = {{ {then} }}\n"
