"""Tries what a configuration names: database, broker, mailboxes, relay, receivers, data folder.

Nothing is sent, fetched or changed, and no domain is looked up beyond the hosts themselves.
"""

from __future__ import annotations

import errno
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from maild.cli.redact import Redactor
from maild.config.lines import KeyPath
from maild.config.listen import ListenAddress, parse_listen
from maild.config.secret import secret_values
from maild.config.values import write_size

if TYPE_CHECKING:
    from maild.config.connection_tables import Mailbox
    from maild.config.model import Config


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to try."""

    what: str  # for people: "mailbox support at imap.example.com"
    key: KeyPath  # where the file names it
    run: Callable[[], list[str]]  # gives problems, none when it works


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    what: str
    key: KeyPath
    problems: tuple[str, ...]


def connections(config: Config) -> list[Probe]:
    """The servers that others run: mailboxes, the relay, the virus scanner, directories."""
    found = [
        Probe(f"mailbox {box.name} at {box.host}", ("mailbox", i), partial(_mailbox, config, box))
        for i, box in enumerate(config.mailbox)
    ]
    if config.send.kind == "smtp":
        found.append(Probe(f"relay {config.send.host}", ("send",), partial(_relay, config)))
    if config.virus_scan.clamd is not None:
        found.append(Probe(f"clamd {config.virus_scan.clamd}", ("virus_scan", "clamd"), partial(_scanner, config)))
    found += [
        Probe(f"directory {each.name}", ("directory", i), partial(_directory, config, each.name))
        for i, each in enumerate(config.directory)
    ]
    return found


def everything(config: Config) -> list[Probe]:
    """All that maild needs to run."""
    return [
        Probe(f"data folder {config.desk.data}", ("desk", "data"), partial(_data, config)),
        Probe("database", ("store",), partial(_store, config)),
        Probe("broker", ("worker",), partial(_broker, config)),
        *_receivers(config),
        *_monitoring(config),
        *connections(config),
    ]


def run_probes(probes: list[Probe], config: Config) -> list[Outcome]:
    """Try all at the same time, so that two dead hosts cost one time limit; problems hold no secret."""
    redactor = Redactor(secret_values(config))

    def run(probe: Probe) -> Outcome:
        try:
            problems = probe.run()
        except Exception as error:  # noqa: BLE001  # one probe's trouble must not hide the others'
            problems = [f"could not be tried: {type(error).__name__}: {error}"]
        return Outcome(probe.what, probe.key, tuple(redactor.text(problem) for problem in problems))

    with ThreadPoolExecutor(max_workers=max(1, len(probes))) as pool:
        return list(pool.map(run, probes))


def _store(config: Config) -> list[str]:
    from maild import bootstrap

    return list(bootstrap.check_store(config))


def _broker(config: Config) -> list[str]:
    from maild import bootstrap

    return list(bootstrap.check_broker(config))


def _mailbox(config: Config, box: Mailbox) -> list[str]:
    from maild import bootstrap
    from maild.intake.imap import probe

    return list(probe(bootstrap.mailbox_settings(config, box)))


def _relay(config: Config) -> list[str]:
    from maild import bootstrap
    from maild.outbound.relay import probe

    return list(probe(bootstrap.relay_settings(config)))


def _scanner(config: Config) -> list[str]:
    from maild.bootstrap.settings import make_scanner

    scanner = make_scanner(config)
    trouble = scanner.ping() if scanner else ""
    return [trouble] if trouble else []


def _directory(config: Config, name: str) -> list[str]:
    from maild.bootstrap.directories import make_directories, tried
    from maild.clock import utc_now

    only = config.model_copy(update={"directory": tuple(each for each in config.directory if each.name == name)})
    return [standing.trouble for standing in tried(make_directories(only, utc_now)) if standing.trouble]


def _data(config: Config) -> list[str]:
    """Write into the folder; when it is not there yet, into the nearest one above, and create nothing."""
    folder = config.desk.data
    while not folder.exists():
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        return [f"cannot write into {folder}: {error.strerror}; it must belong to maild's user"]
    if free < config.limits.free_disk:
        least = write_size(config.limits.free_disk)
        return [f"only {free >> 20} MiB are free; no mail is taken below limits.free_disk = {least}"]
    return []


def _receivers(config: Config) -> Iterator[Probe]:
    for i, receiver in enumerate(config.receiver):
        address = parse_listen(receiver.listen)
        yield Probe(f"receiver {receiver.listen}", ("receiver", i, "listen"), partial(_bind, address))


def _monitoring(config: Config) -> Iterator[Probe]:
    """Where metrics and health are answered."""
    if wanted := config.monitoring.listen:
        yield Probe(f"monitoring {wanted}", ("monitoring", "listen"), partial(_bind, parse_listen(wanted)))


def _bind(address: ListenAddress) -> list[str]:
    """Take the address for a moment. It is also taken when maild itself runs already."""
    if address.path:
        return _bind_unix(address.path)
    try:
        # AI_PASSIVE: names are resolved as for listening; a numeric address needs no look-up
        places = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        with ExitStack() as stack:
            for family, kind, protocol, _, place in places:
                door = stack.enter_context(socket.socket(family, kind, protocol))
                door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                door.bind(place)
                door.listen(1)
    except OSError as error:
        return [_why_not(error)]
    return []


def _bind_unix(path: Path) -> list[str]:
    """The folder of a Unix socket; a socket that answers belongs to somebody."""
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(2)
            door.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError) as error:
        # Nothing there, or left behind by a process that died: both can be replaced.
        return [] if path.parent.is_dir() else [f"{path.parent}: {error.strerror}; make the folder"]
    except OSError as error:
        return [_why_not(error)]
    return ["is in use; is maild running already?"]


def _why_not(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "is in use; is maild running already?"
    if error.errno == errno.EACCES:
        return "permission denied; ports below 1024 need CAP_NET_BIND_SERVICE"
    return f"cannot listen there: {error.strerror}"
