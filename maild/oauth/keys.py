"""Reads the key of a Google service account, as its console gives it."""

from __future__ import annotations

import json
from collections.abc import Mapping


def read_key(text: str) -> Mapping[str, str]:
    """Its fields, with client_email and private_key. Raises ValueError, whose text never holds the key."""
    try:
        key = json.loads(text)
    except ValueError:
        raise ValueError("it is not JSON") from None
    wanted = ("client_email", "private_key")
    if not isinstance(key, dict) or not all(isinstance(key.get(name), str) for name in wanted):
        raise ValueError("it has no client_email and private_key; download the key of a service account as JSON")
    return key
