"""Stops a daemon at an exact point, or plants a bug in it: by wrapping methods from outside.

Nothing in the product knows of this. A test names a point in the environment of the daemon it starts:

    MAILD_STOP='{"at": "maild.store.inbox:StoredInbox.accept", "when": "after", "nth": 1, "marker": "/tmp/…/stop"}'

and the process kills itself (SIGKILL) there, once: whoever removes the marker file dies. The missing
marker tells the test that the point was reached, and the same daemon can be started again.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

VARIABLE = "MAILD_STOP"
PLANT = "MAILD_PLANT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Where to die."""

    at: str  # "module:Class.method"
    when: Literal["before", "after"]
    marker: str
    nth: int = 1
    found: bool = False  # only "after" a call that returned something: others come there with empty hands

    def environment(self) -> dict[str, str]:
        """What the daemon has to be started with."""
        Path(self.marker).touch()
        return {VARIABLE: json.dumps(asdict(self))}

    @property
    def reached(self) -> bool:
        """Has somebody died there?"""
        return not Path(self.marker).exists()


def wrap(target: str, around: Callable[..., Any]) -> Callable[[], None]:
    """Put `around(original, *args, **kwargs)` in the place of "module:Class.method" or "module:function".

    The returned function takes it back.
    """
    module, _, path = target.partition(":")
    owner_name, _, name = path.rpartition(".")
    owner: Any = importlib.import_module(module)
    owner = getattr(owner, owner_name) if owner_name else owner
    original = owner.__dict__[name]
    function = original.__func__ if isinstance(original, staticmethod) else original

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return around(function, *args, **kwargs)

    replaced = staticmethod(wrapped) if isinstance(original, staticmethod) else wrapped
    owners = [owner]
    if not owner_name and function.__module__ == module:  # where it was imported by name, it is another one's own
        owners += [m for m in list(sys.modules.values()) if m is not owner and vars(m).get(name) is original]
    for each in owners:
        setattr(each, name, replaced)

    def take_back() -> None:
        for each in owners:
            setattr(each, name, original)

    return take_back


def arm(stop: Stop) -> None:
    """Kill this process when it comes to the point."""
    calls, lock = 0, threading.Lock()

    def around(original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        with lock:
            calls += 1
            here = calls >= stop.nth  # the nth may lose a race and raise: then it is the next one that dies "after"
        if here and stop.when == "before":
            _die(stop)
        result = original(*args, **kwargs)
        if here and stop.when == "after" and (result or not stop.found):
            _die(stop)
        return result

    wrap(stop.at, around)


def _die(stop: Stop) -> None:
    try:
        Path(stop.marker).unlink()
    except FileNotFoundError:
        return  # somebody else has died here already
    os.kill(os.getpid(), signal.SIGKILL)


def from_environment() -> None:
    """Do what the environment asks for."""
    if VARIABLE in os.environ:
        arm(Stop(**json.loads(os.environ[VARIABLE])))
    if PLANT in os.environ:
        BUGS[os.environ[PLANT]]()


# ---------------------------------------------------------------------------- planted bugs


def yes_before_commit() -> Callable[[], None]:
    """250 is said before the mail is durable; the commit is so slow that it never happens."""

    def around(_original: Callable[..., Any], _commit: object, load: Callable[[], object], _size: int) -> Any:
        import asyncio

        load()
        future = asyncio.get_running_loop().create_future()
        future.set_result(None)
        return future

    return wrap("maild.intake.group_commit:GroupCommit.submit_from_loop", around)


def double_claim() -> Callable[[], None]:
    """Every mail is given out twice, and nothing below notices."""
    from dataclasses import replace

    again: list[Any] = []

    def claim(original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if again:
            twice, again[:] = list(again), []
            return twice
        rows = original(*args, **kwargs)
        again[:] = [replace(row, raw=row.raw + b"\r\n.") for row in rows]
        return rows

    def next_due(original: Callable[..., Any], *args: Any) -> Any:
        from maild.app.work import Due

        return Due(size=len(again[0].raw), tried=False) if again else original(*args)

    def results(original: Callable[..., Any], unit: Any, changes: Any, known: Any, now: Any) -> Any:
        from sqlalchemy import delete, update

        from maild.store.schema import inbox, mail, thread_key

        ids = [result.inbox for result in changes.results]
        unit._connection.execute(update(inbox).where(inbox.c.id.in_(ids)).values(state="working"))  # noqa: SLF001
        unit._connection.execute(delete(mail).where(mail.c.inbox.in_(ids)))  # noqa: SLF001
        unit._connection.execute(delete(thread_key).where(thread_key.c.key.in_(list(changes.keys))))  # noqa: SLF001
        return original(unit, changes, known, now)

    undo = [
        wrap("maild.store.inbox:StoredDesktop.claim", claim),
        wrap("maild.store.inbox:StoredDesktop.next_due", next_due),
        wrap("maild.store.unit:StoredUnit.save", results),
    ]

    def undo_all() -> None:
        for one in undo:
            one()

    return undo_all


def resend_automatic() -> Callable[[], None]:
    """A letter whose worker died over it is sent again, whoever wrote it."""

    def around(original: Callable[..., Any], connection: Any, *args: Any) -> Any:
        from sqlalchemy import update

        from maild.store.schema import outbox

        connection.execute(update(outbox).where(outbox.c.state == "sending").values(state="waiting"))
        return original(connection, *args)

    return wrap("maild.store.outbox:StoredForgotten._free", around)


def outage_at_record() -> Callable[[], None]:
    """No bug: the database is away for a moment, just when the first letters that were sent are to be recorded."""
    from maild.errors import Temporary

    left = [1]

    def around(original: Callable[..., Any], outbox: Any, ended: Any, *args: Any) -> Any:
        if ended and left:
            left.clear()
            raise Temporary("database: the server closed the connection")
        return original(outbox, ended, *args)

    return wrap("maild.store.outbox:StoredOutbox.step", around)


def outage_at_decision() -> Callable[[], None]:
    """No bug: the database is away when the first mail is to be decided on, and when that is to be written down."""
    from maild.errors import Temporary

    left = ["maild.store.unit:StoredUnit.undone_before", "maild.store.inbox:StoredDesktop.failed"]

    def away(what: str) -> Callable[..., Any]:
        def around(original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            if what in left:
                left.remove(what)
                raise Temporary("database: the server closed the connection")
            return original(*args, **kwargs)

        return around

    undo = [wrap(what, away(what)) for what in list(left)]

    def undo_all() -> None:
        for one in undo:
            one()

    return undo_all


def deadly_mail() -> Callable[[], None]:
    """A mail with the word DEADLY kills whoever reads it, every time: the parser's worst fault.

    A child that reads ahead dies of it as well: by what its parent takes for its end.
    """

    def around(original: Callable[..., Any], row: Any, *facts: Any) -> Any:
        if b"DEADLY" in row.raw:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(row, *facts)

    def no_answer(original: Callable[..., Any], row: Any, body: bytes) -> Any:
        if b"DEADLY" in row.raw:
            raise EOFError("it has ended")
        return original(row, body)

    undo = [wrap("maild.app.reader:prepare", around), wrap("maild.reader.ahead:unpack_read", no_answer)]

    def undo_all() -> None:
        for one in undo:
            one()

    return undo_all


def no_sync() -> Callable[[], None]:
    """SQLite does not wait for the disk at each commit: right after a crash, wrong after a power cut."""
    from maild.store import engine

    own = engine._PRAGMAS  # noqa: SLF001
    weak = tuple(p.replace("synchronous=FULL", "synchronous=NORMAL") for p in own)
    if weak == own:
        raise AssertionError(f"the bug cannot be planted, nothing says synchronous=FULL: {own}")
    setattr(engine, "_PRAGMAS", weak)  # noqa: B010  # as the next line takes it back
    return lambda: setattr(engine, "_PRAGMAS", own)


def touch_before_commit() -> Callable[[], None]:
    """The mailbox is tidied up (moved, flagged or deleted, as configured) before the mails are durable."""

    def around(original: Callable[..., Any], sync: Any, batch: Any) -> Any:
        from maild.intake.imap_finish import finish

        raws = original(sync, batch)
        finish(sync._client, sorted(raws), sync._settings.after, sync._target)  # noqa: SLF001
        return raws

    return wrap("maild.intake.imap_sync:Sync._raws", around)


BUGS: dict[str, Callable[[], Callable[[], None]]] = {
    "yes_before_commit": yes_before_commit,
    "deadly_mail": deadly_mail,
    "double_claim": double_claim,
    "no_sync": no_sync,
    "outage_at_record": outage_at_record,
    "outage_at_decision": outage_at_decision,
    "resend_automatic": resend_automatic,
    "touch_before_commit": touch_before_commit,
}
