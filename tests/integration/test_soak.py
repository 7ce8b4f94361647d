"""The soak itself, for some seconds: it runs, its faults are survived, and what breaks is told."""

from pathlib import Path

from soak.faults import SORTS
from soak.matrix import ROWS
from soak.report import table
from soak.rows_mail import run_model
from soak.trial import Outcome, Trial

FAULTS = ("power cut", "IMAP cut in FETCH")


def test_faults_under_load_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    sorts = [next(sort for sort in SORTS if sort.name == name) for name in FAULTS]
    outcome = Trial("sqlite", 20261123, tmp_path, lambda _: None).run_faults(
        sorts, len(sorts), held=(0.1, 0.2), slow=120
    )
    assert outcome.breaks == []
    assert len(outcome.recoveries) == len(sorts)
    assert sum(outcome.mails.values()) > len(sorts)


def test_a_break_is_in_the_table(tmp_path: Path) -> None:
    outcome = Outcome("sqlite", 7, breaks=["a mail got 250 1 times and is in the inbox 0 times (0123)"])
    assert outcome.lost == 1
    assert "BREAK: a mail got 250" in table(outcome)


def test_the_desk_is_what_the_model_is(tmp_path: Path) -> None:
    assert run_model(tmp_path, 20, 1, each=20) > 0


def test_every_row_of_the_matrix_has_a_name_of_its_own() -> None:
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names)
    assert {f"F{n}" for n in (1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)} <= set(names)
