"""`maild restore`: sets the store back to a backup, and says what a person has to look at then."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from maild.bootstrap.restore import Restore, Restored
from maild.cli.config_file import read_config
from maild.cli.options import Json
from maild.cli.terminal import complain, print_json, say
from maild.clock import utc_now
from maild.config.model import Config
from maild.errors import Permanent


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that `maild backup` wrote.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also when the store holds tickets; it is kept beside the new one.")
    ] = False,
    other_key: Annotated[
        bool, typer.Option("--other-key", help="Also when the configuration has another signing key.")
    ] = False,
    bring_back: Annotated[
        bool, typer.Option("--bring-back-erased", help="Also bring back who was erased after the backup.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Put a backup in the place of the store, all of it or nothing. Stop the daemon and the workers first.

    Letters that waited in the backup are held, for they may have been sent since: nothing is sent twice. Who was
    erased after it is erased again. Exits with 1 when a chain does not verify.

    Example: maild restore /var/backups/maild/maild-support@example.com-20260301T030000Z.tar --replace
    """
    config = read_config(ctx)
    step = (lambda _step: None) if as_json else (lambda text: say(f"{text} ..."))
    use = Restore(config=config, now=utc_now(), replace=replace, other_key=other_key, bring_back=bring_back, say=step)
    try:
        done = use.run(file)
    except OSError as error:
        raise Permanent(f"{error.filename or config.desk.data}: {error.strerror}") from None
    settled = done.settled
    if as_json:
        facts: dict[str, object] = {"created": done.manifest.created, "counts": done.manifest.store.counts}
        facts |= {"old": done.old or None, "held": [asdict(each) for each in settled.held], "waiting": settled.waiting}
        facts |= {"erased": list(settled.erased), "in_it_again": list(settled.in_it_again)}
        facts |= {"holds": list(settled.kept), "holds_lost": list(settled.not_kept)}
        print_json(facts | {"look_back": dict(settled.look_back), "faults": list(settled.faults)})
    else:
        _tell(done, config)
    if settled.faults:
        raise typer.Exit(1)


def _tell(done: Restored, config: Config) -> None:
    settled = done.settled
    counts = ", ".join(f"{count} {name}" for name, count in done.manifest.store.counts.items())
    say(f"restored as of {done.manifest.created:%Y-%m-%d %H:%M:%S} UTC: {counts}", style="green")
    if done.old:
        say(f"the store of before is kept: {done.old}")
    answers = [each for each in settled.held if not each.automatic]
    if machines := len(settled.held) - len(answers):
        say(f"held, for they may have been sent: {machines} automatic letters (maild outbox list --state uncertain)")
    for each in answers:
        say(f"! an agent's answer to {each.recipient} on ticket {each.ticket} is held: maild outbox retry {each.id}")
    if settled.waiting:
        say(f"mails that still wait for work: {settled.waiting}; they may be answered a second time")
    for whom in settled.erased:
        say(f"erased after the backup, and again now: {whom}")
    for whom in settled.in_it_again:
        say(f"! erased after the backup, and perhaps in the store again: {whom}", style="red")
    for what in settled.kept:
        say(f"put on hold after the backup, and again now: {what}")
    for what in settled.not_kept:
        say(f"! put on hold after the backup, and not in it: {what}; when its mail is there: maild hold", style="red")
    complain(settled.faults)
    _tell_what_comes_again(done, config)


def _tell_what_comes_again(done: Restored, config: Config) -> None:
    say("What came after the backup has to come again; what the backup has is known, and is not answered twice:")
    since = f"{done.manifest.created:%Y-%m-%d %H:%M} UTC"
    for box in config.mailbox:
        if box.after == "move" and box.name not in done.settled.look_back:
            how = f"move them from {box.move_to} to {box.folder} by hand: another mailbox uses {box.move_to} as well"
            say(f"! mailbox {box.name}: mails since {since}: {how}")
        elif box.after == "move":
            moment = f"{done.settled.look_back[box.name]:%Y-%m-%d %H:%M} UTC"
            how = f"come back from {box.move_to} by themselves when maild starts"
            say(f"  mailbox {box.name}: mails since {moment} {how}")
        elif box.after == "delete":
            say(f"  mailbox {box.name}: maild has deleted what it took in since {since}; ask who keeps a copy")
        else:
            say(f"  mailbox {box.name}: what is still in {box.folder} is read again by itself")
    for door in config.receiver:
        say(f"  {door.listen}: ask the mail system in front, or its archive, for mails since {since}")
