"""`maild rotate-secrets`: a new signing key, and how to change what other systems have given us."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from maild.bootstrap.owner import PLACE
from maild.bootstrap.rotate import OVERLAP, forget_old_keys, rotate_key
from maild.bootstrap.running import running_in
from maild.cli.config_file import config_path, read_config
from maild.cli.options import Json
from maild.cli.reload import reload
from maild.cli.terminal import print_json, say
from maild.clock import utc_now
from maild.config.model import Config
from maild.errors import Permanent


def rotate_secrets(
    ctx: typer.Context,
    *,
    forget_old: Annotated[
        bool,
        typer.Option("--forget-old", help=f"Accept earlier keys no more, if replaced {OVERLAP.days} days ago or more."),
    ] = False,
    even_young: Annotated[bool, typer.Option("--even-young", help="With --forget-old: all of them, at once.")] = False,
    as_json: Json = False,
) -> None:
    """Sign with a new key from now on; addresses in letters of before are accepted by the old one, which is kept.

    A key that others have seen is forgotten with --forget-old --even-young: replies to earlier letters are new
    tickets then.

    Example: maild rotate-secrets
    """
    config, today = read_config(ctx), utc_now().date()
    if even_young and not forget_old:
        raise typer.BadParameter("means something only with --forget-old", param_hint="--even-young")
    try:
        facts = _forget(config, today, young=even_young) if forget_old else _rotate(config, today)
    except OSError as error:
        raise Permanent(f"{error.filename}: {error.strerror}; run this as maild's user or as root") from None
    if as_json:
        print_json(facts)
    else:
        say(str(facts["says"]), style="green")
    if facts["changed"]:
        _take_up(ctx, config, as_json=as_json)
    if not as_json and not forget_old:
        _tell_others(ctx)


def _rotate(config: Config, today: date) -> dict[str, object]:
    done = rotate_key(config, today)
    says = f"{done.key} holds a new key; those of before are still accepted: {done.accepted} in {done.old}"
    return {"changed": True, "key": str(done.key), "old": str(done.old), "accepted": done.accepted, "says": says}


def _forget(config: Config, today: date, *, young: bool) -> dict[str, object]:
    gone, kept = forget_old_keys(config, today, young=young)
    says = f"forgotten: {len(gone)}; still accepted: {kept}"
    if kept:
        says += f" (replaced less than {OVERLAP.days} days ago)"
    return {"changed": bool(gone), "forgotten": len(gone), "accepted": kept, "says": says}


def _take_up(ctx: typer.Context, config: Config, *, as_json: bool) -> None:
    """Have running processes sign with it."""
    if any(each.place == PLACE for each in running_in(config.desk.data)):
        reload(ctx, as_json=as_json)
    elif not as_json:
        say("no maild runs here: it is taken at the next start")


def _tell_others(ctx: typer.Context) -> None:
    """How to change what others have given us, and who has to know of the new key."""
    say()
    say("Workers on other machines need both files, and `maild reload` there.")
    say("Receivers of webhooks check by `maild webhook-key URL`; until it is forgotten, the old key signs as well.")
    say(f"Another secret is changed where it is from, then in its file ({config_path(ctx)} names it), then:")
    say("  of a mailbox or the relay   maild check && maild reload")
    say("  of the database or Redis    restart maild and its workers")
