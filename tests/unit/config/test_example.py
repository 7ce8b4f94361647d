"""The example file: complete, true to the model, and ready to run."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from maild.config.example import EXAMPLE, example, write_value
from maild.config.faults import inner_table
from maild.config.lines import KeyPath, Lines
from maild.config.load import load
from maild.config.model import Config
from maild.config.samples import SAMPLES
from maild.config.section import keys_of
from maild.config.tables import TABLES

FILE = Path(__file__).parents[3] / "config.example.toml"
RENEW = (
    ".venv/bin/python -c 'from maild.config.example import *; print(example(EXAMPLE), end=\"\")' > config.example.toml"
)


def in_force() -> str:
    """The example with every commented key in force."""
    return re.sub(r"(?m)^#(?=[\w\[])", "", FILE.read_text("utf-8"))


def uncommented() -> Config:
    tables = tomllib.loads(in_force())
    assert tables.pop("include") == ["rules/*.toml"]
    return Config.model_validate(tables)


def test_the_example_is_what_the_model_says() -> None:
    assert FILE.read_text("utf-8") == example(EXAMPLE), f"renew it: {RENEW}"


@pytest.mark.parametrize("name", TABLES)
def test_every_key_is_explained_by_its_sentence(name: str) -> None:
    text = FILE.read_text("utf-8")
    section = re.split(r"(?m)^#?\[+(\w+)\]+\n", text)
    body = section[section.index(name, 1) + 1]
    words = " ".join(re.sub(r"(?m)^# ?", "", body).split())
    for key, field in keys_of(TABLES[name][0]).items():
        inner = inner_table(field)
        assert re.search(rf"(?m)^#?\[?\[{name}\.{key}\]\]?$" if inner else rf"(?m)^#?{key} = ", body), key
        for each in (field, *(keys_of(inner).values() if inner else ())):
            assert each.description is not None
            assert " ".join(each.description.split()) in words, key


@pytest.mark.parametrize("name", TABLES)
def test_a_default_that_is_stated_is_the_default(name: str) -> None:
    kind, many = TABLES[name]
    shown = getattr(uncommented(), name)
    for key, field in keys_of(kind).items():
        if key not in SAMPLES.get(name, {}):
            assert getattr(shown[0] if many else shown, key) == field.default, key


@pytest.mark.parametrize("name", SAMPLES)
def test_an_example_value_belongs_to_a_key_without_a_default(name: str) -> None:
    fields = TABLES[name][0].model_fields
    for key in SAMPLES[name]:
        assert fields[key].is_required() or fields[key].default in (None, (), {}, ""), key


def keys(path: KeyPath, value: object) -> Iterator[KeyPath]:
    """Every key of a file, with the tables around it."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if isinstance(key, str):
            yield (*path, key)
        yield from keys((*path, key), inner)


def test_every_key_is_found_in_the_line_where_it_stands() -> None:
    text = in_force()
    found = Lines(text)
    told = {path: text.split("\n")[found.of(path) - 1] for path in keys((), tomllib.loads(text))}

    assert [path for path, line in told.items() if str(path[-1]) not in line] == []


def test_the_example_runs_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("a-key-of-sixteen-letters\n")
    (tmp_path / "secret.key").chmod(0o600)
    (tmp_path / "maild.toml").write_text(FILE.read_text("utf-8"))

    config = load(tmp_path / "maild.toml", {})

    assert config.receiver[0].listen == "127.0.0.1:2525"
    assert config.send.kind == "maildir"


@pytest.mark.parametrize(
    "value", ['a "quote"', "back\\slash", "tab\t\x7f\x01", "Ünï 🎫", "", True, 7, ["a", "b"], {"k": "v"}]
)
def test_a_value_is_read_as_it_was_written(value: object) -> None:
    assert tomllib.loads(f"x = {write_value(value)}")["x"] == value
