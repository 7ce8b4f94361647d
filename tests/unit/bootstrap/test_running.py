"""How a process is found by its file, and what of dead ones is left."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from maild.bootstrap.running import FOLDER, Notice, running_in

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_process_is_found_from_its_start_to_its_end(tmp_path: Path) -> None:
    notice = Notice(tmp_path, "here", NOW)
    assert running_in(tmp_path) == []

    notice.post()
    assert [(each.pid, each.place, each.asked, each.started) for each in running_in(tmp_path)] == [
        (os.getpid(), "here", 0, NOW)
    ]

    notice.remove()
    assert running_in(tmp_path) == []
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_its_answers_are_counted_and_the_last_one_stands(tmp_path: Path) -> None:
    notice = Notice(tmp_path, "here", NOW)
    notice.post()
    notice.took(["send.host is b, was a"], NOW)
    notice.refused(["maild.toml:1: wrong"])

    [running] = running_in(tmp_path)
    assert (running.asked, running.changed, running.problems) == (2, (), ("maild.toml:1: wrong",))
    notice.remove()


def test_a_file_without_its_process_is_nobody_and_is_removed_though_the_number_lives(tmp_path: Path) -> None:
    notice = Notice(tmp_path, "here", NOW)
    notice.post()
    file = tmp_path / FOLDER / f"{os.getpid()}.json"
    text = file.read_bytes()
    notice.remove()
    file.write_bytes(text)  # as a power cut leaves it; our own number is that of a living process

    assert running_in(tmp_path) == []
    assert not file.exists()
