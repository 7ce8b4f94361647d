"""`maild templates preview` with what is known of a ticket."""

from __future__ import annotations

import pytest

from tests.integration.test_cli.conftest import FIRST, House

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def test_a_preview_has_the_facts_of_the_ticket(empty: House) -> None:
    empty.accept(FIRST)
    empty.work()
    [shown] = empty.lines("templates", "preview", "resolution", "--ticket", 1)
    assert "[#1]" in shown["subject"]
    assert "The pump" in shown["subject"]
    assert "Kim" in shown["text"]
    assert "Printer on fire" not in shown["text"] + shown["html"]
    [notice] = empty.lines("templates", "preview", "notification", "--ticket", 1, "--language", "de")
    assert "seven" in notice["text"]
    empty.maild("ticket", 1, "set language de")
    assert 'lang="de"' in empty.lines("templates", "preview", "resolution", "--ticket", 1)[0]["html"]
    assert len(empty.sql("SELECT 1 FROM outbox WHERE template = 'resolution'")) == 0


def test_a_preview_of_a_ticket_that_is_not_there(empty: House) -> None:
    result = empty.maild("templates", "preview", "resolution", "--ticket", 7)
    assert result.exit_code == 1
    assert "there is no ticket 7" in result.output
