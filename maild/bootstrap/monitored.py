"""What this machine and the configuration add to the facts by which trouble is seen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from maild.app.trouble_facts import Expiry, Facts
from maild.app.troubles import Bounds
from maild.bootstrap.accounts import standings
from maild.bootstrap.last_backup import last_backup
from maild.bootstrap.owner import PLACE, is_gone, machine_of
from maild.config.model import Config
from maild.monitoring.certificates import valid_until

_LASTING = timedelta(minutes=5)  # an issuer that is away for shorter is asked again, and nobody need know


def bounds_of(config: Config) -> Bounds:
    """Where trouble begins."""
    table = config.monitoring
    return Bounds(
        mailbox_silent=table.mailbox_silent,
        mail_waits=table.mail_waits,
        letter_waits=table.letter_waits,
        letters_waiting=table.letters_waiting,
        free_disk=table.free_disk,
        expires=table.expires,
        process_silent=table.process_silent,
        backup_age=table.backup_age,
    )


def local_facts(facts: Facts, config: Config) -> Facts:
    """The facts with what is known here: who died, the disk, certificates, tokens, the last backup."""
    try:
        free = shutil.disk_usage(config.desk.data).free
    except OSError:  # it is not there yet
        free = None
    backup = last_backup(config.desk.data)
    return replace(
        facts,
        here=machine_of(PLACE),
        processes=[replace(each, died=is_gone(each.owner)) for each in facts.processes],
        free_disk=free,
        expiries=[*certificates(config), *tokens(config, facts.now)],
        backup_at=backup.at if backup else None,
    )


def certificates(config: Config) -> Iterator[Expiry]:
    """The receivers' own certificates."""
    for receiver in config.receiver:
        if receiver.certificate is None:
            continue
        until, trouble = None, ""
        try:
            until = valid_until(receiver.certificate)
        except (OSError, ValueError) as error:
            trouble = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        yield Expiry(
            what=f"certificate of {receiver.listen}",
            until=until,
            trouble=trouble,
            advice="Put a new one into its file, then:",
            command="systemctl restart maild",
        )


def tokens(config: Config, now: datetime) -> Iterator[Expiry]:
    """The accounts of OAuth2, as this machine knows them; no issuer is asked."""
    for each in standings(config):
        lasts = each.trouble and (each.trouble_at is None or now - each.trouble_at >= _LASTING)
        yield Expiry(
            what=f"token of {each.name}",
            until=each.ends_at,
            trouble=each.trouble if lasts else "",
            advice="Sign in again:" if each.signs_in else "See what its issuer says:",
            command=f"maild login {each.name}" if each.signs_in else "maild check",
        )
