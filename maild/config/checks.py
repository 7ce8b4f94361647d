"""Checks what no single key can tell: names used twice, files that must exist, tables that must fit."""

from __future__ import annotations

import importlib.util
import re
import ssl
from collections.abc import Mapping
from typing import cast

from maild.config.aftercare_checks import check_aftercare
from maild.config.agent_checks import check_agents
from maild.config.calendar_checks import check_zone
from maild.config.connection_tables import Mailbox, OAuth, Send
from maild.config.directory_checks import check_directory
from maild.config.directory_tables import DirectoryTable
from maild.config.faults import nearest
from maild.config.level_checks import check_levels
from maild.config.level_names import Sections, each_of
from maild.config.level_tables import Calendar, Escalation, Policy, Team
from maild.config.lines import KeyPath
from maild.config.listen import is_loopback
from maild.config.mail_tables import Authenticity
from maild.config.model import Agent, Desk, Queue, Receiver, Store, Tickets, Worker
from maild.config.monitoring_checks import check_monitoring
from maild.config.oauth_checks import check_oauth
from maild.config.old_keys import old_keys_file, read_old_keys
from maild.config.problems import Problems
from maild.config.role_tables import Role
from maild.config.routing_checks import check_routing
from maild.config.routing_tables import Branch, CaseType, Reason, Rule, Type
from maild.config.secret import SHORTEST, check_private
from maild.config.section import Section
from maild.config.template_checks import check_templates
from maild.tickets.lifecycle import Status


def check_together(sections: Sections, problems: Problems) -> None:
    """Note every fault in `problems`; their paths are absolute."""
    for path, section in sections.items():
        match section:
            case Desk():
                _desk(path, section, problems)
            case Store():
                _url(
                    (*path, "url"),
                    section.url.get_secret_value(),
                    ("sqlite", "sqlite:", "postgresql:", "postgres:"),
                    problems,
                )
            case Worker():
                _url(
                    (*path, "broker"),
                    section.broker.get_secret_value(),
                    ("memory", "redis:", "rediss:"),
                    problems,
                )
            case Receiver():
                _hostname(path, section.hostname, problems)
                _receiver(path, section, problems)
            case Mailbox():
                _mailbox(path, section, problems)
            case Authenticity() if section.check_here:
                _check_here(path, problems)
            case Send() if section.kind == "smtp":
                _hostname(path, section.hostname, problems)
                _server(path, section, problems)
                if section.username is None and section.password is not None:
                    problems.add((*path, "username"), "a password without a login name; set both or none")
            case DirectoryTable():
                check_directory(path, section, problems)
            case Tickets():
                _tickets(path, section, problems)
            case _:
                pass
    check_names(sections, problems)
    _addresses(sections, problems)
    names = check_levels(sections, problems)
    check_routing(sections, names, problems)
    check_agents(sections, names, problems)
    check_templates(sections, problems)
    check_aftercare(sections, names, problems)
    check_monitoring(sections, problems)
    check_oauth(sections, problems)


def _desk(path: KeyPath, desk: Desk, problems: Problems) -> None:
    check_zone((*path, "timezone"), desk.timezone, problems)
    file = old_keys_file(desk)
    at = (*path, "old_secrets_file")
    if file and check_private(at, file, problems):
        keys = [key for key, _ in read_old_keys(file.read_text("utf-8", errors="replace"))]
        if not keys or any(len(key) < SHORTEST or not key.isascii() for key in keys):
            problems.add(at, f"a key in {file} is missing or too short; one a line, at least {SHORTEST} characters")


def _url(path: KeyPath, url: str, beginnings: tuple[str, ...], problems: Problems) -> None:
    """Only the beginning is looked at and nothing is repeated: a URL may hold a password."""
    if url not in beginnings and not any(url.startswith(f"{b}//") for b in beginnings if b.endswith(":")):
        known = [f"{b}//..." if b.endswith(":") else b for b in beginnings]
        problems.add(path, f"this kind of URL is not known; it can be {', '.join(known)}")


def _receiver(path: KeyPath, door: Receiver, problems: Problems) -> None:
    if door.security == "none":
        for key in ("certificate", "key"):
            if getattr(door, key):
                problems.add((*path, key), 'has no use with security = "none"; set security = "starttls"')
        if door.require_tls:
            problems.add((*path, "require_tls"), 'needs security = "starttls" with a certificate and its key')
        return
    missing = [key for key in ("certificate", "key") if getattr(door, key) is None]
    for key in missing:
        problems.add((*path, key), f'is missing; security = "{door.security}" needs a certificate and its key')
    if missing or door.certificate is None or door.key is None:
        return
    if not door.certificate.is_file():
        problems.add((*path, "certificate"), f"there is no file {door.certificate}; a path is relative to this file")
    elif check_private((*path, "key"), door.key, problems):
        try:
            # Without a password callback, OpenSSL would ask for an encrypted key's on the terminal.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(door.certificate, door.key, password=str)
        except (ssl.SSLError, OSError, ValueError):
            what = f"{door.certificate} and {door.key} cannot be used together"
            problems.add((*path, "certificate"), f"{what}; both must be PEM, unencrypted, and of one pair")


def _hostname(path: KeyPath, name: str | None, problems: Problems) -> None:
    """Our own name in a greeting or EHLO; smtplib fails on what is not ASCII."""
    if name is not None and not re.fullmatch(r"[A-Za-z0-9.-]{1,255}", name):
        problems.add((*path, "hostname"), f"{name!r} is no host name; write mail.example.com")


def _server(path: KeyPath, server: Mailbox | Send, problems: Problems) -> None:
    """A host to connect to: a bare name, and in the clear only on this machine."""
    if re.search(r"[\s/@]", server.host) or re.search(r"^[^:]*:\d*$", server.host):
        text = f"{server.host!r} is not a bare host name; write imap.example.com, and the port as port = ..."
        problems.add((*path, "host"), text)
    elif server.security == "none" and not is_loopback(server.host):
        if server.username:
            text = 'a password would be sent in the clear to another machine; set "tls" or "starttls"'
            problems.add((*path, "security"), text)
        elif isinstance(server, Send) and not server.allow_plaintext:
            text = 'letters could be read on the way; set "tls" or "starttls", or allow_plaintext = true'
            problems.add((*path, "security"), text)


def _mailbox(path: KeyPath, box: Mailbox, problems: Problems) -> None:
    _server(path, box, problems)
    if box.after == "move" and box.move_to.casefold() == box.folder.casefold():
        problems.add((*path, "move_to"), f"mail cannot move from {box.folder} to itself; name another folder")


def _check_here(path: KeyPath, problems: Problems) -> None:
    for name in ("dkim", "dns", "spf"):
        if importlib.util.find_spec(name) is None:
            text = f"there is no module {name}; install maild[check], or set this to false"
            problems.add((*path, "check_here"), text)
            return


def _tickets(path: KeyPath, tickets: Tickets, problems: Problems) -> None:
    if re.search(r"[\[\]\s]|\d$", tickets.tag):
        problems.add((*path, "tag"), 'has a bracket or space, or ends in a digit; write "#" or "ACME-"')
    known = [status.value for status in Status]
    for name in tickets.labels.keys() - set(known):
        near = nearest(name, known)
        hint = f"did you mean {near}?" if near else f"they are {', '.join(known)}"
        problems.add((*path, "labels", name), f"there is no such status; {hint}")


def check_names(sections: Sections, problems: Problems) -> None:
    """Names and places that only one table of a sort may have."""
    named: list[tuple[type[Section], str]] = [
        (Mailbox, "name"),
        (OAuth, "name"),
        (DirectoryTable, "name"),
        (Queue, "name"),
        (Agent, "address"),
        (Receiver, "listen"),
        (Team, "name"),
        (Role, "name"),
        (Calendar, "name"),
        (Policy, "name"),
        (Escalation, "name"),
        (Rule, "name"),
        (Reason, "code"),
        (Type, "name"),
        (CaseType, "name"),
        (Branch, "name"),
    ]
    for kind, key in named:
        first: dict[str, KeyPath] = {}
        for path, section in each_of(sections, kind):
            value = str(getattr(section, key)).casefold()
            if kind is Receiver and value.endswith(":0"):
                continue  # the system chooses a port for each
            other = first.setdefault(value, path)
            if other != path:
                where = problems.seen_from(path, (*other, key))
                problems.add((*path, key), f"{value} is also in {where}; give each {path[0]} its own")


def _addresses(sections: Sections, problems: Problems) -> None:
    """Every address has one queue, and every mailbox's has a queue at all."""
    desk = cast("Desk", sections["desk",])
    queues: dict[str, KeyPath] = {}
    for path, queue in each_of(sections, Queue):
        for i, address in enumerate(queue.addresses):
            other = queues.setdefault(address.casefold(), path)
            if other != path:
                where = problems.seen_from(path, (*other, "addresses"))
                text = f"{address} belongs to the queue of {where}; an address has one queue"
                problems.add((*path, "addresses", i), text)
    if not queues:
        queues[desk.address.casefold()] = ("desk",)  # the queue that is there when none is given
    for path, box in each_of(sections, Mailbox):
        address = box.address or desk.address
        known = address.casefold() in queues
        if not known and (box.address or not problems.has(("desk", "address"))):
            text = f"no queue has {address}, so its mail would have none; add it to a queue or set address"
            problems.add((*path, "address"), text)
    _people(sections, queues, problems)


def _people(sections: Sections, queues: Mapping[str, KeyPath], problems: Problems) -> None:
    """Queues' agents are known, and nobody is notified at an address that opens a ticket (a loop)."""
    loop = "is a support address, and a notification to it would open a ticket; give a person's own address"
    agents = {agent.address.casefold() for _, agent in each_of(sections, Agent)}
    elsewhere = any(directory.of == "agents" for _, directory in each_of(sections, DirectoryTable))
    for path, queue in each_of(sections, Queue):
        for i, address in enumerate(queue.agents):
            if address.casefold() not in agents and not elsewhere:
                near = nearest(address, agents)
                hint = f"did you mean {near}?" if near else f'add [[agent]] with address = "{address}"'
                problems.add((*path, "agents", i), f"{address} is no agent; {hint}")
    for path, agent in each_of(sections, Agent):
        if agent.address.casefold() in queues:
            problems.add((*path, "address"), f"{agent.address} {loop}")
    for i, address in enumerate(cast("Desk", sections["desk",]).alerts_to):
        if address.casefold() in queues:
            problems.add(("desk", "alerts_to", i), f"{address} {loop}")
