"""`maild webhook-key`: the key by which a receiver of webhooks knows that they are ours."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import typer

from maild.bootstrap import make_desk
from maild.cli.config_file import read_config
from maild.cli.terminal import say
from maild.outbound.webhook_url import webhook_fault


def webhook_key(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where the webhooks go; only its host counts.")],
) -> None:
    """Print the key of a receiver of webhooks: it is secret, and another one for each host.

    Maild-Signature is t=SECONDS,v1=HEX, with HMAC-SHA256 over "SECONDS.BODY". A receiver refuses what is older
    than five minutes, and drops an Idempotency-Key that it has seen.

    Example: maild webhook-key https://hooks.example.com/tickets
    """
    if fault := webhook_fault(url):
        raise typer.BadParameter(fault, param_hint="URL")
    desk = make_desk(read_config(ctx))
    say(desk.signer.webhook_keys(urlsplit(url).hostname or "")[0])
