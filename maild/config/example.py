"""Writes a configuration file in which every key is explained, from the model's own sentences.

`config.example.toml` is `example(EXAMPLE)`, and `maild init` writes with its answers in place of
EXAMPLE: one source for both. Keys with a value stand as they are; the others are commented out
with `#`, showing their default, or an example where there is none.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from maild.config.faults import inner_table
from maild.config.samples import SAMPLES, Values
from maild.config.section import Section, keys_of
from maild.config.tables import TABLES
from maild.config.values import read_size, write_duration, write_size

_UNSET: tuple[object, ...] = (None, (), {}, "")
_LONG = 10  # keys of an inner table, beyond which each stands in one line with its sentence

EXAMPLE: Values = {
    "desk": {"name": "Support", "address": "support@example.com", "secret_file": "secret.key"},
    "receiver": [{"listen": "127.0.0.1:2525"}],
    "send": {"kind": "maildir"},
}


_TOP = """\
# The configuration of maild, in TOML. Every key is here with its meaning.
#
# A "#" without a space after it stands before a key at its default, or before an example where a key
# has no default; take the "#" away to change it. Durations are written 90s, 10m, 4h, 5d or 1h 30m, sizes
# 25 MiB. Paths are relative to this file. A secret may stand here, or better in a file that only
# maild can read (chmod 600) or in the environment: one of the three.
#
# Tables with two brackets may also stand in files of their own, which are read after this one, sorted
# by name. Paths in them are relative to them. "include" must stand here, above all tables.
#include = ["rules/*.toml"]
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
    if isinstance(value, int | date):
        return str(value)
    if isinstance(value, timedelta):
        value = write_duration(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(write_value(item) for item in value) + "]"
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {write_value(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    text = str(value)
    if "\\" in text and text.isprintable() and "'" not in text:
        return f"'{text}'"  # a regular expression, say, as it is
    # JSON's escapes are TOML's, apart from DEL, which JSON leaves as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(key: str) -> str:
    return key if re.fullmatch(r"[\w-]+", key, re.ASCII) else write_value(key)


def _table(header: str, kind: type[Section], values: Values, samples: Values, *, live: bool) -> str:
    """A table with the sentence above every key, and then the tables inside it."""
    name = header.strip("#[]")
    lines = ["", *_comment(str(kind.__doc__)), header]
    inside: list[tuple[str, FieldInfo, type[Section]]] = []
    for key, field in keys_of(kind).items():
        inner = inner_table(field)
        if inner is not None:
            inside.append((key, field, inner))
        else:
            lines += ["", *_comment(" ".join(_sentences(field))), _line(key, field, values, samples, live=live)]
    told: set[type[Section]] = set()
    for key, field, inner in inside:
        lines += ["", *_comment(" ".join([*_sentences(field), *([] if inner in told else [str(inner.__doc__)])]))]
        many = get_origin(field.annotation) is tuple
        lines.append(f"{'' if key in values else '#'}{f'[[{name}.{key}]]' if many else f'[{name}.{key}]'}")
        for inner_key, inner_field in keys_of(inner).items():
            line = _line(inner_key, inner_field, values.get(key, {}), samples.get(key, {}), live=live and key in values)
            if inner in told:
                lines.append(line)
            elif len(keys_of(inner)) > _LONG:
                lines.append(f"{line}  # {inner_field.description}")
            else:
                lines += ["", *_comment(str(inner_field.description)), line]
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
    elif field.default in _UNSET and "default" not in str(field.description):
        yield "Not set by default."


def _shown(key: str, field: FieldInfo, samples: Values) -> str:
    """The default, or the example where there is none."""
    if field.is_required() or field.default in _UNSET:
        return write_value(samples[key])
    if any(getattr(mark, "func", None) is read_size for mark in field.metadata):
        return write_value(write_size(field.default))
    default = field.default
    return write_value(default.as_posix() if isinstance(default, Path) else default)


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        text, 100, initial_indent="# ", subsequent_indent="# ", break_long_words=False, break_on_hyphens=False
    )
