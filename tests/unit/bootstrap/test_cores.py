"""How many processors a process may use, in a container as well."""

from pathlib import Path

import pytest

from maild.bootstrap import cores as module
from maild.bootstrap.cores import cores


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("max 100000\n", 4),
        ("200000 100000\n", 2),
        ("150000 100000\n", 1),
        ("50000 100000\n", 1),
        ("900000 100000\n", 4),
    ],
)
def test_what_a_container_is_given_counts(
    quota: str, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cpu.max"
    file.write_text(quota)
    monkeypatch.setattr(module, "_QUOTA", file)
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 1, 2, 3})
    assert cores() == expected
    file.unlink()
    assert cores() == 4
