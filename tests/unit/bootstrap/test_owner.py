"""Who a process is: on machines that have the same name it is another."""

from __future__ import annotations

import socket
from pathlib import Path

from maild.bootstrap.owner import machine_of, place_of


def test_machines_of_one_name_are_told_apart_by_their_installation(tmp_path: Path) -> None:
    namespace, installation = tmp_path / "self/ns/pid", tmp_path / "machine-id"
    namespace.parent.mkdir(parents=True)
    namespace.touch()
    without = place_of(tmp_path, installation)
    installation.write_text("a" * 32 + "\n")
    one = place_of(tmp_path, installation)
    assert place_of(tmp_path, installation) == one  # also after a reboot: the dead are known at once
    installation.write_text("b" * 32 + "\n")

    assert len({without, one, place_of(tmp_path, installation)}) == 3
    assert machine_of(one) == machine_of(without) == socket.gethostname()
    assert "aaaa" not in one
