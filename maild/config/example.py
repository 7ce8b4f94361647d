"""Writes a configuration file in which every key is explained, from the model's own sentences.

`config.example.toml` is `example(EXAMPLE)`, and `maild init` writes with its answers in place of
EXAMPLE: one source for both. Keys with a value stand as they are; the others are commented out
with `#`, showing their default, or an example where there is none.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from maild.config.faults import inner_table
from maild.config.level_tables import WEEKDAYS
from maild.config.load import TABLES
from maild.config.section import Section
from maild.config.values import read_size, write_duration, write_size

Values = Mapping[str, Any]  # {"desk": {...}, "agent": [{...}, {...}]}

EXAMPLE: Values = {
    "desk": {"name": "Support", "address": "support@example.com", "secret_file": "secret.key"},
    "receiver": [{"listen": "127.0.0.1:2525"}],
    "send": {"kind": "maildir"},
}


def _targets(*each: str) -> Values:
    low, medium, high, critical = each
    return {
        "low": low,
        "medium": medium,
        "high": high,
        "critical": critical,
        "normal": medium,
        "urgent": critical,
    }


# What to show for keys that have no default. A test holds the names to the model.
SAMPLES: Values = {
    "desk": {
        "address": "support@example.com",
        "secret": "a-text-that-nobody-can-guess",
        "secret_file": "secret.key",
        "secret_env": "MAILD_SECRET",
        "old_secrets_file": "old-secrets.keys",
        "alerts_to": ["postmaster@example.com"],
    },
    "store": {"url_file": "database.url", "url_env": "MAILD_DATABASE"},
    "worker": {"broker_file": "broker.url", "broker_env": "MAILD_BROKER"},
    "receiver": {
        "hostname": "mail.example.com",
        "certificate": "certificate.pem",
        "key": "certificate.key",
        "addresses": ["bounces@example.com"],
    },
    "mailbox": {
        "name": "support",
        "host": "imap.example.com",
        "port": 993,
        "username": "support@example.com",
        "password": "the password",
        "password_file": "mailbox.password",
        "password_env": "MAILD_MAILBOX_PASSWORD",
        "token_command": ["oama", "access", "support@example.com"],
        "address": "support@example.com",
    },
    "send": {
        "port": 587,
        "username": "support@example.com",
        "password": "the password",
        "password_file": "relay.password",
        "password_env": "MAILD_RELAY_PASSWORD",
        "hostname": "mail.example.com",
    },
    "queue": {
        "name": "support",
        "addresses": ["support@example.com"],
        "agents": ["anna@example.org"],
        "team": "service",
    },
    "agent": {"name": "Anna Berg", "address": "anna@example.org"},
    "team": {"name": "service", "agents": ["anna@example.org"], "manager": "boss@example.org"},
    "organisation": {"name": "Acme", "domains": ["acme.example"], "groups": ["key accounts"], "tags": ["vip"]},
    "mail": {"trusted_forms": ["website@example.com"]},
    "virus_scan": {"clamd": "unix:/run/clamav/clamd.ctl"},
    "authenticity": {"trusted_ids": ["mx.example.com"]},
    "tickets": {"labels": {"on_hold": "waiting"}},
    "sla": {"quiet": ["22:00-07:00"]},
    "calendar": {
        "name": "office",
        "timezone": "Europe/Berlin",
        "hours": {day: ["09:00-12:30", "13:30-17:30"] for day in WEEKDAYS[:5]}
        | {"sat": ["10:00-14:00"], "sun": ["22:00-06:00"]},
        "holidays": {
            "country": "DE",
            "subdivision": "BE",
            "dates": ["2026-12-24"],
            "open": ["2026-10-03"],
        },
    },
    "policy": {
        "name": "vip",
        "queues": ["support"],
        "customers": ["Acme"],
        "groups": ["key accounts"],
        "types": ["incident", "complaint"],
        "priorities": ["high", "critical"],
        "tags": ["vip"],
        "internal": False,
        "calendar": "office",
        "thresholds": [75, 90],
        "at_risk_to": ["assignee", "team"],
        "breach_to": ["manager", "boss@example.org"],
        "first_response": _targets("16h", "8h", "2h", "30m"),
        "next_response": _targets("24h", "16h", "4h", "1h"),
        "resolution": _targets("56h", "40h", "16h", "4h"),
    },
    "escalation": {
        "name": "vip at risk",
        "queues": ["support"],
        "customers": ["Acme"],
        "groups": ["key accounts"],
        "types": ["incident"],
        "priorities": ["high", "critical"],
        "tags": ["vip"],
        "internal": False,
        "policies": ["vip"],
        "at": "90%",
        "after": "2h",
        "reopened": 2,
        "assign": "manager",
        "team": "service",
        "notify": ["manager", "boss@example.org"],
        "status": "in_progress",
        "tag": "escalated",
        "task": {"queue": "support", "subject": "Call the customer"},
    },
    "letters": {"large_domains": ["customer.example.com"]},
}

_TOP = """\
# The configuration of maild, in TOML. Every key is here with its meaning.
#
# A "#" without a space after it stands before a key at its default, or before an example where a key
# has no default; take the "#" away to change it. Durations are written 90s, 10m, 4h, 5d or 1h 30m, sizes
# 25 MiB. Paths are relative to this file. A secret may stand here, or better in a file that only
# maild can read (chmod 600) or in the environment: one of the three.
#
# Afterwards: maild check
"""


def example(values: Values) -> str:
    """The text of a configuration file with these values; they are not checked, `load` does that."""
    parts = [_TOP]
    for name, (kind, many) in TABLES.items():
        tables = values.get(name, [] if many else {})
        if not many:
            parts.append(_table(f"[{name}]", kind, tables, SAMPLES.get(name, {}), live=True))
        elif not tables:
            parts.append(_table(f"#[[{name}]]", kind, {}, SAMPLES.get(name, {}), live=False))
        else:
            parts.append(_table(f"[[{name}]]", kind, tables[0], SAMPLES.get(name, {}), live=True))
            parts.extend(_short(name, table) for table in tables[1:])
    return "\n".join(parts)


def write_value(value: object) -> str:
    """A value as TOML."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, timedelta):
        value = write_duration(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(write_value(item) for item in value) + "]"
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {write_value(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    # JSON's escapes are TOML's, apart from DEL, which JSON leaves as it is.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _table(header: str, kind: type[Section], values: Values, samples: Values, *, live: bool) -> str:
    """A table with the sentence above every key, and then the tables inside it."""
    name = header.strip("#[]")
    lines = ["", *_comment(str(kind.__doc__)), header]
    inside: list[tuple[str, FieldInfo, type[Section]]] = []
    for key, field in kind.model_fields.items():
        inner = inner_table(field)
        if inner is not None:
            inside.append((key, field, inner))
        else:
            lines += ["", *_comment(" ".join(_sentences(field))), _line(key, field, values, samples, live=live)]
    told: set[type[Section]] = set()
    for key, field, inner in inside:
        lines += ["", *_comment(" ".join([*_sentences(field), *([] if inner in told else [str(inner.__doc__)])]))]
        lines.append(f"{'' if key in values else '#'}[{name}.{key}]")
        for inner_key, inner_field in inner.model_fields.items():
            lines += [] if inner in told else ["", *_comment(str(inner_field.description))]
            lines.append(
                _line(inner_key, inner_field, values.get(key, {}), samples.get(key, {}), live=live and key in values)
            )
        told.add(inner)
    return "\n".join(lines) + "\n"


def _line(key: str, field: FieldInfo, values: Values, samples: Values, *, live: bool) -> str:
    if key in values:
        return f"{key} = {write_value(values[key])}"
    hash_sign = "" if live and field.is_required() else "#"
    return f"{hash_sign}{key} = {_shown(key, field, samples)}"


def _short(name: str, values: Values) -> str:
    """One more of a sort that was explained above."""
    lines = [f"{key} = {write_value(value)}" for key, value in values.items()]
    return "\n".join([f"[[{name}]]", *lines]) + "\n"


def _sentences(field: FieldInfo) -> Iterator[str]:
    yield str(field.description)
    if field.is_required():
        yield "Must be given."
    elif field.default in (None, (), {}) and "default" not in str(field.description):
        yield "Not set by default."


def _shown(key: str, field: FieldInfo, samples: Values) -> str:
    """The default, or the example where there is none."""
    if field.is_required() or field.default in (None, (), {}):
        return write_value(samples[key])
    if any(getattr(mark, "func", None) is read_size for mark in field.metadata):
        return write_value(write_size(field.default))
    default = field.default
    return write_value(default.as_posix() if isinstance(default, Path) else default)


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        text, 100, initial_indent="# ", subsequent_indent="# ", break_long_words=False, break_on_hyphens=False
    )
