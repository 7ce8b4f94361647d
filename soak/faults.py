"""The faults, by sort: how each begins. `House.heal` ends them all."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from maild.testing.sink import DROP, HANG
from soak.house import House

Inject = Callable[[House, random.Random], str]  # what was done, in a few words


@dataclass(frozen=True)
class Sort:
    """One sort of fault."""

    name: str
    inject: Inject
    setups: tuple[str, ...] = ("sqlite", "postgresql")


def _kill_process(house: House, dice: random.Random) -> str:
    name = dice.choice(sorted(house.roles))
    house.kill(name)
    return name


def _kill_all(house: House, _dice: random.Random) -> str:
    for name in house.roles:
        house.kill(name)
    return "all processes"


def _power_cut(house: House, dice: random.Random) -> str:
    for name in house.roles:
        house.kill(name, dice)
    return "unsynced writes dropped by chance"


def _sigterm(house: House, dice: random.Random) -> str:
    name = dice.choice(sorted(house.roles))
    took = house.stop(name)
    return f"{name} stopped in {took:.1f} s"


def _reload(house: House, _dice: random.Random) -> str:
    house.reload()
    return "SIGHUP to all"


def _postgres_killed(house: House, _dice: random.Random) -> str:
    assert house.postgres is not None
    house.postgres.kill()
    return "SIGKILL"


def _postgres_stopped(house: House, dice: random.Random) -> str:
    assert house.postgres is not None
    how = dice.choice(["fast", "immediate"])
    house.postgres.stop() if how == "fast" else house.postgres.stop_immediately()
    return how


def _commit_cut(house: House, dice: random.Random) -> str:
    what = dice.choice(["drop", "lose"])
    house.wires["postgresql"].on_words = {b"COMMIT": what}  # type: ignore[dict-item]
    return "before it arrives" if what == "drop" else "its answer lost"


def _connections_cut(house: House, dice: random.Random) -> str:
    house.wires["postgresql"].cut_after = dice.randrange(100, 100_000)
    house.wires["postgresql"].cut()
    return f"after {house.wires['postgresql'].cut_after} bytes each"


def _redis_killed(house: House, _dice: random.Random) -> str:
    assert house.redis is not None
    house.redis.kill()
    return "SIGKILL, everything in it lost"


def _redis_stopped(house: House, _dice: random.Random) -> str:
    assert house.redis is not None
    house.redis.stop()
    return "stopped"


def _redis_emptied(house: House, _dice: random.Random) -> str:
    assert house.redis is not None
    try:
        house.redis.flush()
    except ConnectionRefusedError:  # another fault of this moment has stopped it
        return "it is away already"
    return "FLUSHALL"


_SAID = {"4xx": "451 4.3.0 not now", "5xx": "550 5.7.1 no", "421": "421 4.3.2 closing"}


def _relay(answer: str, stages: Iterable[str]) -> Inject:
    def inject(house: House, dice: random.Random) -> str:
        stage, share, own = dice.choice(sorted(stages)), dice.choice([0.3, 1.0]), random.Random(dice.random())
        house.desk.sink.trouble = lambda at: _SAID.get(answer, answer) if at == stage and own.random() < share else ""
        return f"at {stage}, {share:.0%}"

    return inject


def _relay_away(house: House, _dice: random.Random) -> str:
    house.desk.sink.stop()
    return "refuses connections"


def _imap_cut(house: House, dice: random.Random) -> str:
    wire = house.wires["imap"]
    wire.cut_after = dice.randrange(600, 20_000)
    wire.cut()
    return f"each connection after {wire.cut_after} bytes"


def _imap_swallowed(house: House, _dice: random.Random) -> str:
    house.wires["imap"].swallow = True
    return "nothing comes through"


def _imap_stopped(house: House, _dice: random.Random) -> str:
    house.dovecot.stop()
    return "stopped"


def _uidvalidity(house: House, _dice: random.Random) -> str:
    house.dovecot.stop()
    maildir = house.dovecot.maildir()
    for path in [*maildir.glob("dovecot*"), *maildir.glob(".*/dovecot*")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    house.dovecot.start()
    return "the mailbox's index removed"


def _disk_full(house: House, _dice: random.Random) -> str:
    if house.tmpfs is None:
        return _disk_refuses(house, _dice)
    with (house.tmpfs / "ballast").open("wb") as ballast:
        free = os.statvfs(house.tmpfs)
        size = free.f_bavail * free.f_frsize
        while size > 0:
            try:
                os.posix_fallocate(ballast.fileno(), ballast.seek(0, os.SEEK_END), min(size, 1 << 20))
            except OSError:  # the daemon took some of it meanwhile
                break
            size -= 1 << 20
    return "its tmpfs is full"


def _disk_refuses(house: House, _dice: random.Random) -> str:
    assert house.disk is not None
    house.disk.ill.touch()
    return "SQLITE_FULL at every write"


def _clock(house: House, dice: random.Random) -> str:
    name = dice.choice([*sorted(house.roles), "all"])
    by = dice.choice([timedelta(hours=1), timedelta(hours=-1), timedelta(days=3)])
    for one in house.roles if name == "all" else [name]:
        house.jump(one, by)
    return f"{name} by {by.total_seconds() / 3600:+.0f} h"


_STAGES = ("connect", "EHLO", "MAIL", "RCPT", "DATA", "dot")
_SQLITE, _POSTGRESQL = ("sqlite",), ("postgresql",)

SORTS = (
    Sort("process killed", _kill_process),
    Sort("all processes killed", _kill_all),
    Sort("power cut", _power_cut, _SQLITE),
    Sort("stopped under load", _sigterm),
    Sort("reloaded under load", _reload),
    Sort("PostgreSQL killed", _postgres_killed, _POSTGRESQL),
    Sort("PostgreSQL stopped", _postgres_stopped, _POSTGRESQL),
    Sort("cut during COMMIT", _commit_cut, _POSTGRESQL),
    Sort("database connections cut", _connections_cut, _POSTGRESQL),
    Sort("Redis killed", _redis_killed, _POSTGRESQL),
    Sort("Redis stopped", _redis_stopped, _POSTGRESQL),
    Sort("Redis emptied", _redis_emptied, _POSTGRESQL),
    Sort("relay says 4xx", _relay("4xx", _STAGES)),
    Sort("relay says 421", _relay("421", _STAGES)),
    Sort("relay says 5xx", _relay("5xx", _STAGES)),
    Sort("relay hangs", _relay(HANG, _STAGES)),
    Sort("relay drops after DATA", _relay(DROP, ["dot", "body", "DATA"])),
    Sort("relay speaks garbage", _relay("ceci n'est pas SMTP", _STAGES)),
    Sort("relay away", _relay_away),
    Sort("IMAP cut in FETCH", _imap_cut),
    Sort("IMAP swallowed", _imap_swallowed),
    Sort("IMAP stopped", _imap_stopped),
    Sort("UIDVALIDITY changed", _uidvalidity),
    Sort("disk full", _disk_full, _SQLITE),
    Sort("disk refuses", _disk_refuses, _SQLITE),
    Sort("clock jumps", _clock),
)


def stages_of_relay(answers: Iterable[str]) -> list[Sort]:
    """Each of these answers at each stage."""
    return [Sort(f"relay: {answer} at {stage}", _relay(answer, [stage])) for answer in answers for stage in _STAGES]


def sorts_of(setup: str) -> list[Sort]:
    """Those that can be had there."""
    return [sort for sort in SORTS if setup in sort.setups]
