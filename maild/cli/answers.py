"""Asks for what `maild init` was not told by options; `--yes` answers with the defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import typer

from maild.cli.terminal import clean, complain


@dataclass
class Answers:
    """What the new configuration is to say; None where nobody has said yet."""

    yes: bool = False
    name: str | None = None
    address: str | None = None
    listen: str | None = None  # "": no SMTP
    imap_host: str | None = None  # "": no mailbox
    imap_user: str | None = None
    imap_password_file: Path | None = None
    relay_host: str | None = None  # "": letters go to a Maildir
    relay_user: str | None = None
    relay_password_file: Path | None = None
    agents: list[str] = field(default_factory=list)  # "Anna Berg <anna@example.org>"
    passwords: dict[str, str] = field(default_factory=dict, repr=False)  # file name -> password


def ask_rest(answers: Answers) -> dict[str, Any]:
    """Ask what is missing; give the values of the new configuration file.

    Raises typer.BadParameter for an option that cannot be right.
    """
    answers.name = _ask(answers, answers.name, "Name of the desk, as customers see it", "Support")
    answers.address = _address(answers, "--address", answers.address, "Support address", "support@example.com")
    values: dict[str, Any] = {
        "desk": {"name": answers.name, "address": answers.address, "secret_file": "secret.key"},
    }
    box = _mailbox(answers)
    default = "" if box else "127.0.0.1:2525"
    listen = _ask(answers, answers.listen, "Take mail by SMTP at (HOST:PORT, - for no)", default or "-")
    values["receiver"] = [{"listen": listen}] if listen.strip("- ") else []
    values["mailbox"] = [box] if box else []
    values["send"] = _relay(answers)
    values["agent"] = _agents(answers)
    return values


def _mailbox(answers: Answers) -> dict[str, Any] | None:
    host = _ask(answers, answers.imap_host, "Fetch mail from the IMAP server (- for no)", "-")
    if not host.strip("- "):
        return None
    user = _ask(answers, answers.imap_user, "Its login name", str(answers.address))
    file = _password(answers, "imap", answers.imap_password_file, "mailbox.password")
    return {"name": "support", "host": host, "username": user, "password_file": file}


def _relay(answers: Answers) -> dict[str, Any]:
    host = _ask(answers, answers.relay_host, "Send letters through the relay (- to only write them to a folder)", "-")
    if not host.strip("- "):
        return {"kind": "maildir"}
    user = _ask(answers, answers.relay_user, "Its login name (- for none)", "-")
    if not user.strip("- "):
        # Without a login only this machine's own MTA is likely, and it seldom has a certificate.
        local = host in {"localhost", "127.0.0.1", "::1"}
        return {"kind": "smtp", "host": host} | ({"security": "none"} if local else {})
    file = _password(answers, "relay", answers.relay_password_file, "relay.password")
    return {"kind": "smtp", "host": host, "username": user, "password_file": file}


def _agents(answers: Answers) -> list[dict[str, str]]:
    given = [_agent(text) for text in answers.agents]
    while not answers.agents and not answers.yes:
        text = clean(typer.prompt("An agent, as Anna Berg <anna@example.org> (- when done)", default="-"))
        if not text.strip("- "):
            break
        try:
            given.append(_agent(text))
        except typer.BadParameter as error:
            complain([str(error)])
    return given


def _agent(text: str) -> dict[str, str]:
    name, address = parseaddr(text)
    return {"name": name or address.partition("@")[0], "address": _checked("--agent", address or text)}


def _address(answers: Answers, option: str, given: str | None, question: str, default: str) -> str:
    while True:
        text = _ask(answers, given, question, default)
        try:
            return _checked(option, text)
        except typer.BadParameter as error:
            if given is not None or answers.yes:
                raise
            complain([str(error)])


def _checked(option: str, text: str) -> str:
    from maild.config.values import read_address

    try:
        return read_address(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _password(answers: Answers, what: str, given: Path | None, name: str) -> str:
    """The file that holds a password: a given one, or a new one for what is typed now.

    No option takes the password itself: other users could read it in the list of processes.
    """
    if given is not None:
        return str(given.absolute())
    if answers.yes:
        raise typer.BadParameter("is needed together with --yes", param_hint=f"--{what}-password-file")
    answers.passwords[name] = typer.prompt("Its password", hide_input=True)
    return name


def _ask(answers: Answers, given: str | None, question: str, default: str) -> str:
    if given is not None:
        return given
    if answers.yes:
        return default
    return clean(typer.prompt(question, default=default)).strip()
