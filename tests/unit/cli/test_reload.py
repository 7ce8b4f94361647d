"""Whose answer `maild reload` takes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maild.bootstrap.running import Notice, running_in
from maild.cli import reload

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_answer_to_a_reload_that_began_before_is_somebody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reload, "PATIENCE", timedelta(milliseconds=1))
    notice = Notice(tmp_path, "here", NOW)
    notice.post()
    asked = running_in(tmp_path)

    notice.begin()  # another admin's, who asked a moment before: it reads the file as it was
    since = time.monotonic()
    notice.took(["theirs"], NOW)
    [(_, answer)] = reload._answers(tmp_path, asked, since)
    assert answer == asked[0]

    notice.begin()
    notice.took(["ours"], NOW)
    [(_, answer)] = reload._answers(tmp_path, asked, since)
    assert answer is not None
    assert answer.changed == ("ours",)
    notice.remove()
