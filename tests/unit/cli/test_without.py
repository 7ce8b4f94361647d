"""The daemon starts without libraries that only make terminals pretty or that its configuration does not name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from maild.cli.without import without


def test_a_module_is_missing_meanwhile_and_can_be_loaded_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with without("colorsys"), pytest.raises(ImportError):
        import colorsys
    import colorsys

    assert colorsys.rgb_to_hls(0, 0, 0) == (0, 0, 0)


def test_a_module_that_is_loaded_stays() -> None:
    with without("sys"):
        import sys as again
    assert again is sys


def test_the_daemon_loads_nothing_that_it_needs_only_later_or_never() -> None:
    late = ["rich", "pygments", "alembic", "urllib3", "imapclient", "oauthlib", "dkim", "numpy", "redis", "psycopg"]
    program = f"import sys, maild.cli.run, maild.bootstrap.daemon; print([n for n in {late} if n in sys.modules])"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "[]"
