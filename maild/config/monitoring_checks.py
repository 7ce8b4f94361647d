"""Checks where monitoring listens: what it says is for operators, so not for the world by accident."""

from __future__ import annotations

from maild.config.level_names import Sections, each_of
from maild.config.lines import KeyPath
from maild.config.listen import is_loopback, parse_listen
from maild.config.monitoring_tables import Monitoring
from maild.config.problems import Problems


def check_monitoring(sections: Sections, problems: Problems) -> None:
    """Note what is wrong with the address."""
    for path, table in each_of(sections, Monitoring):
        if table.listen is not None:
            _address(path, table, table.listen, problems)


def _address(path: KeyPath, table: Monitoring, listen: str, problems: Problems) -> None:
    address = parse_listen(listen)
    if address.path is not None:
        problems.add((*path, "listen"), "cannot be a Unix socket; write it like 127.0.0.1:9725")
    elif not table.beyond_loopback and not is_loopback(address.host):
        problems.add(
            (*path, "listen"),
            f"{address.host} is not this machine's own address; write 127.0.0.1:{address.port}, or set "
            "beyond_loopback = true if only those who may read it reach that address",
        )
