"""The table of the configuration that says where customers, agents, orders and the like are looked up."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from maild.config.routing_values import Pattern
from maild.config.section import SECOND, Section
from maild.config.values import Duration, ShortName, Size

Of = Literal["orders", "serials", "products", "customers", "agents", "teams", "branches"]
SORTS = {"orders": "order", "serials": "serial", "products": "product"}  # what mails name -> as references are called
KEY_PLACE = "{key}"  # in a URL: where the key goes
_ASKED = re.compile(r"(?<![:\w\\]):key\b")  # in a query; no part of a cast such as ::key
LONGEST = timedelta(seconds=20)  # that a group of mails waits: far less than its lease


class SqlTable(Section):
    """A database that is only read."""

    url: SecretStr | None = Field(
        default=None, description="`sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/DB`; better in a file."
    )
    url_file: Path | None = Field(default=None, description="File that holds the URL.")
    url_env: str | None = Field(default=None, description="Environment variable that holds the URL.")
    query: str = Field(description="One SELECT; with :key it is asked about one key, without it reads the whole list.")


class HttpTable(Section):
    """An endpoint that answers in JSON; no redirect is followed and no proxy used."""

    url: str = Field(description="With {key} it is asked about one key, without it reads the whole list.")
    headers: dict[str, str] = Field(default={}, description="Headers that are sent with every question.")
    token: SecretStr | None = Field(
        default=None, description="Sent as `Authorization: Bearer`; better in a file or the environment."
    )
    token_file: Path | None = Field(default=None, description="File that holds the token.")
    token_env: str | None = Field(default=None, description="Environment variable that holds the token.")
    rows: str = Field(
        default="", description='Where in an answer the list is, such as "data.items"; "" is the answer itself.'
    )
    allow_plaintext: bool = Field(
        default=False, description="Permit http:// to another machine; what is asked can be read on the way."
    )


class DirectoryTable(Section):
    """Where others keep customers, agents, orders and the like. Any number of them, each with one source."""

    name: ShortName = Field(description="A short name, as letters and commands show it.")
    of: Of = Field(description="orders, serials, products, customers, agents, teams or branches.")
    csv: Path | None = Field(
        default=None, description="A CSV file in UTF-8 with its columns' names in the first line; , ; or tab between."
    )
    sql: SqlTable | None = Field(default=None, description="Or a database.")
    http: HttpTable | None = Field(default=None, description="Or an endpoint.")
    columns: dict[str, str] = Field(
        default={},
        description="Our names of what is read, and theirs (in JSON a dotted path): key, customer, product, branch,"
        " and any other word for agents; of people and companies also name, address, domains, groups, tags,"
        " priority, agents, manager, customers, team, role, skills, languages. Without it their names are ours.",
    )
    patterns: tuple[Pattern, ...] = Field(
        default=(),
        description="Regular expressions by which keys are recognised in mails; the first group, if there is one.",
    )
    timeout: Duration = Field(
        default=timedelta(seconds=2), ge=SECOND, le=LONGEST, description="The longest that a mail waits for it."
    )
    refresh: Duration = Field(
        default=timedelta(hours=1), ge=SECOND, description="For how long an answer counts as fresh."
    )
    largest: Size = Field(default=5 << 20, ge=1024, description="The largest answer that is read.")

    @property
    def by_key(self) -> bool:
        """Whether it is asked about one key at a time."""
        if self.sql is not None:
            return _ASKED.search(self.sql.query) is not None
        return self.http is not None and KEY_PLACE in self.http.url
