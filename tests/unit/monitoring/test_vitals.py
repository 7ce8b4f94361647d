"""Whether a part of the process moves; and until when a certificate is valid."""

from __future__ import annotations

import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maild.monitoring.certificates import valid_until
from maild.monitoring.vitals import Vitals

LIMIT = timedelta(seconds=100)


class Watch:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_loop_that_no_longer_turns_hangs_until_it_has_ended() -> None:
    watch = Watch()
    vitals = Vitals(watch)
    vitals.turned("the sweeper", timedelta(seconds=5))
    watch.seconds = 5
    assert vitals.hanging(LIMIT) == []
    watch.seconds = 6
    assert vitals.hanging(LIMIT) == ["the sweeper has not moved for 6 s"]
    vitals.turned("the sweeper", timedelta(seconds=5))
    assert vitals.hanging(LIMIT) == []
    watch.seconds = 99
    vitals.ended("the sweeper")
    assert vitals.hanging(LIMIT) == []


def test_a_job_hangs_when_its_own_thread_does_nothing() -> None:
    watch = Watch()
    vitals = Vitals(watch)
    with vitals.at_work("the job ingest"):
        watch.seconds = 90
        vitals.moved()
        watch.seconds = 180
        assert vitals.hanging(LIMIT) == []
        elsewhere = threading.Thread(target=vitals.moved)
        elsewhere.start()
        elsewhere.join()
        watch.seconds = 200
        assert vitals.hanging(LIMIT) == ["the job ingest has not moved for 110 s"]
    assert vitals.hanging(LIMIT) == []


def test_a_job_inside_another_gives_it_back() -> None:
    watch = Watch()
    vitals = Vitals(watch)
    with vitals.at_work("outer"):
        with vitals.at_work("inner"):
            watch.seconds = 101
            assert vitals.hanging(LIMIT) == ["inner has not moved for 101 s"]
        assert vitals.hanging(LIMIT) == []
        watch.seconds = 300
        assert vitals.hanging(LIMIT) == ["outer has not moved for 199 s"]


@pytest.mark.parametrize("days", [30, 20_000])  # written as UTCTime, and beyond 2049 as GeneralizedTime
def test_until_when_a_certificate_is_valid(days: int, tmp_path: Path) -> None:
    words = (
        f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -days {days} -keyout key -out cert"
    )
    subprocess.run(["openssl", *words.split()], cwd=tmp_path, check=True, capture_output=True)
    left = valid_until(tmp_path / "cert") - datetime.now(UTC)
    assert timedelta(days=days) - timedelta(hours=1) < left <= timedelta(days=days)


@pytest.mark.parametrize(
    "text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"]
)
def test_what_is_no_certificate_is_said_to_be_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "cert").write_text(text)
    with pytest.raises(ValueError, match="certificate"):
        valid_until(tmp_path / "cert")
