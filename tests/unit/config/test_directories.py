"""What can be wrong with a [[directory]], and that it is told with its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from maild.bootstrap.directories import make_directories
from maild.clock import utc_now
from maild.config.load import load
from maild.config.model import Config
from maild.config.secret import secret_values
from maild.errors import ConfigError

DESK = '[desk]\naddress = "support@example.com"\nsecret = "0123456789abcdef"\n[[directory]]\n'
HTTP = 'name = "orders"\nof = "orders"\npatterns = [\'SO-\\d+\']\nhttp = { url = "https://shop.example.com/{key}" }\n'


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("key\n")
    (tmp_path / "token").write_text("s3cret-token\n")
    (tmp_path / "token").chmod(0o600)


def read(folder: Path, table: str, **environ: str) -> Config:
    file = folder / "maild.toml"
    file.write_text(DESK + table)
    return load(file, {**os.environ, **environ})


def faults(folder: Path, table: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        read(folder, table)
    return [problem.replace(str(folder), "") for problem in refused.value.problems]


def test_an_endpoint_with_a_secret(tmp_path: Path) -> None:
    table = HTTP.replace("}\n", ', token_file = "token", headers = { X-Shop = "1" } }\n')
    [directory] = read(tmp_path, table).directory
    assert directory.by_key
    assert directory.http is not None
    assert directory.http.token is not None
    assert directory.http.token.get_secret_value() == "s3cret-token"


def test_a_database_with_a_secret(tmp_path: Path) -> None:
    table = """name = "serials"\nof = "serials"\npatterns = ['X-(\\d+)']
sql = { url_env = "SHOP", query = "SELECT key FROM parts" }\n"""
    config = read(tmp_path, table, SHOP="mysql+pymysql://maild:s3cr%C3%A9t@db/shop")
    assert not config.directory[0].by_key
    assert {"s3cr%C3%A9t", "s3crét"} <= set(secret_values(config))


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    table = 'name = "orders"\nof = "orders"\npatterns = [\'SO-\\d+\']\n'
    assert read(tmp_path, table + 'csv = "orders.csv"\n').directory[0].csv == tmp_path / "orders.csv"
    sql = 'sql = { url = "sqlite:///shop.db", query = "SELECT key FROM orders" }\n'
    found = read(tmp_path, table + sql).directory[0].sql
    assert found is not None
    assert found.url is not None
    assert found.url.get_secret_value() == f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('of = "orders"', 'of = "ordres"', "maild.toml:6: directory.of: unknown word; it can be 'orders', 'serials'"),
        ("https:", "http:", "maild.toml:8: directory.http.url: what is asked and answered could be read"),
        ("https:", "ftp:", "directory.http.url: is not an address"),
        ("https://shop", "https://{key}.shop", "directory.http.url: a key belongs into the path"),
        ("https://", "https://me:pw@", "directory.http.url: holds a login"),
        ("{key}", "{key}#x", "there is no # in an address"),
        ("SO-\\d+", "(a+)\\1", "maild.toml:7: directory.patterns"),
        ("patterns", "#", "maild.toml:4: directory.patterns: is missing; by what are keys recognised in mails?"),
        ("}\n", '}\ncsv = "orders.csv"\n', "there is already csv; keep one of csv, http"),
        ("http = ", "#", "directory.csv: it has no source; give one of csv, sql, http"),
        ("}\n", '}\ncolumns = { customer = "x" }\n', "maild.toml:9: directory.columns: has no key, by which orders"),
        ("}\n", '}\ntimeout = "1m"\n', "maild.toml:9: directory.timeout: out of range; it must be at most 20 seconds"),
        ("}\n", ', tokn = "x" }\n', "maild.toml:8: directory.http.tokn: there is no such key; did you mean token?"),
        ("}\n", ', token = "x", token_file = "y" }\n', "there is already token; keep one of token, token_file"),
        ("}\n", ', headers = { "X Y" = "1" } }\n', "is no header"),
        ('of = "orders"', 'of = "agents"', "directory.patterns: agents are not looked for in mails"),
        ('of = "orders"', 'of = "agents"', "directory.http.url: agents are read as a whole list; leave {key} out"),
    ],
)
def test_what_is_wrong_is_told_with_what_would_be_right(tmp_path: Path, old: str, new: str, says: str) -> None:
    told = faults(tmp_path, HTTP.replace(old, new, 1))
    assert any(says in problem for problem in told), told


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ('{ url = "oracle:thing", query = "SELECT 1" }', "directory.sql.url: this kind of URL is not known"),
        ('{ url = "sqlite:///x.db", query = "DROP TABLE x" }', "directory.sql.query: this is no query"),
        ('{ query = "SELECT 1" }', "directory.sql.url: there is no URL; set url_file, url_env or url"),
        ('{ url = "sqlite:///x.db" }', "directory.sql.query: is missing; One SELECT"),
    ],
)
def test_what_is_wrong_with_a_database(tmp_path: Path, sql: str, says: str) -> None:
    told = faults(tmp_path, f'name = "x"\nof = "orders"\npatterns = [\'x\']\nsql = {sql}\n')
    assert any(says in problem for problem in told), told


def test_two_directories_have_two_names(tmp_path: Path) -> None:
    assert any("orders is also in line 5" in problem for problem in faults(tmp_path, f"{HTTP}[[directory]]\n{HTTP}"))


def test_a_missing_file_and_a_misspelt_column(tmp_path: Path) -> None:
    told = faults(tmp_path, 'name = "x"\nof = "customers"\ncsv = "none.csv"\ncolumns = { name = "n", domain = "d" }\n')
    assert any("directory.csv: there is no file" in problem for problem in told)
    assert any("nothing is made of 'domain' here; did you mean domains?" in problem for problem in told)


def test_who_comes_from_a_directory_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("name,address\n")
    tables = "".join(
        f'[[directory]]\nname = "{of}"\nof = "{of}"\ncsv = "list.csv"\n' for of in ("customers", "agents", "teams")
    )
    named = """
[[queue]]
name = "support"
addresses = ["support@example.com"]
agents = ["cara@staff.example"]
team = "service"
[[policy]]
name = "vip"
customers = ["ACME"]
groups = ["key accounts"]
tags = ["vip"]
first_response = { high = "1h" }
"""
    config = read(tmp_path, tables.removeprefix("[[directory]]\n") + named)
    assert [each.of for each in make_directories(config, utc_now)] == ["customers", "agents", "teams"]
