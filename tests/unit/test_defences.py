"""The table of defences (fuzz/defences.toml) fits the code; `make fuzz ARGS=--defences` takes each of them out."""

from __future__ import annotations

import pytest

from fuzz.defences import Defence, fault, read_table


@pytest.mark.parametrize("defence", read_table(), ids=lambda each: each.what)
def test_a_row_names_a_line_that_is_there_and_tests_that_are(defence: Defence) -> None:
    assert fault(defence) == ""


def test_every_row_of_the_matrix_is_in_the_table_or_in_the_manual() -> None:
    """B4 (corpora: `make score`), A8 (no web pages) and A11 (a daemon's connections) have no line to take out."""
    wanted = {f"B{number}" for number in range(1, 14)} | {f"A{number}" for number in range(1, 13)}
    named = {row for defence in read_table() for row in defence.rows}
    assert wanted - named == {"B4", "A8", "A11"}
