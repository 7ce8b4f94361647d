"""Settings of a receiver that do not fit together are refused when they are made."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest

from maild.intake.smtp_settings import ReceiverSettings, Tls, read_listen


@pytest.mark.parametrize(
    ("listen", "place"),
    [
        ("127.0.0.1:25", ("127.0.0.1", 25)),
        ("mail.test:0", ("mail.test", 0)),
        ("[::1]:2525", ("::1", 2525)),
        (":25", (None, 25)),
        ("unix:/run/maild/lmtp", Path("/run/maild/lmtp")),
    ],
)
def test_where_to_listen(listen: str, place: object) -> None:
    assert read_listen(listen) == place


@pytest.mark.parametrize("listen", ["", "localhost", "localhost:", "localhost:smtp", "::1:25", "h:65536", "h:²5"])
def test_nowhere_to_listen(listen: str) -> None:
    with pytest.raises(ValueError, match=r"write HOST:PORT|in brackets"):
        read_listen(listen)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tls": Tls.STARTTLS},
        {"tls": Tls.TLS},
        {"tls_context": ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)},
        {"require_tls": True},
        {"listen": "nowhere"},
    ],
)
def test_what_does_not_fit(wrong: dict[str, Any]) -> None:
    good: dict[str, Any] = {"listen": ":25", "hostname": "h", "folder": Path()}
    ReceiverSettings(**good)
    with pytest.raises(ValueError, match=r"tls|write"):
        ReceiverSettings(**{**good, **wrong})
