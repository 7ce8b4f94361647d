"""[aftercare] and [feedback]: what comes of a sound file, and what a slip of the pen is told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from maild.bootstrap import make_desk
from maild.config.load import load
from maild.errors import ConfigError
from maild.sla.aftercare import Aftercare
from maild.tickets.lifecycle import Status
from maild.tickets.model import Ticket

DESK = """
[desk]
address = "support@example.com"
secret = "0123456789abcdef"
[[queue]]
name = "support"
addresses = ["support@example.com"]
[[queue]]
name = "repairs"
addresses = ["repairs@example.com"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "maild.toml"
    path.write_text(DESK + text, "utf-8")
    path.chmod(0o600)
    return path


def policy(folder: Path, text: str) -> Aftercare:
    return make_desk(load(written(folder, text), {})).aftercare


def test_without_a_word_customers_are_left_in_peace_and_resolved_tickets_are_closed(tmp_path: Path) -> None:
    made = policy(tmp_path, "")
    assert (made.follow_ups, made.feedback.enabled, made.tell_closed, made.tell_of_hold) == (0, False, False, False)
    assert made.close_after == timedelta(days=7)


def test_a_queue_has_its_own_policy_in_what_it_names(tmp_path: Path) -> None:
    made = policy(
        tmp_path,
        """
        [tickets]
        after_answer = "on_hold"
        [aftercare]
        follow_ups = 2
        [[aftercare.queue]]
        name = "repairs"
        after_answer = "responded"
        close_after = "1d"
        feedback = true
        """,
    )
    assert (made.of("support").follow_ups, made.of("repairs").follow_ups) == (2, 2)
    assert made.of("repairs").close_after == timedelta(days=1)
    assert (made.of("support").feedback.enabled, made.of("repairs").feedback.enabled) == (False, True)
    assert made.of("repairs").after_answer is Status.RESPONDED


def test_what_answered_tickets_become_is_said_once(tmp_path: Path) -> None:
    desk = make_desk(load(written(tmp_path, '[[aftercare.queue]]\nname = "repairs"\nafter_answer = "on_hold"\n'), {}))
    assert desk.answered_status(Ticket(number=1, queue="support")) is Status.RESPONDED
    assert desk.answered_status(Ticket(number=2, queue="repairs")) is Status.ON_HOLD


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[aftercare.queue]]\nname = "repair"', "there is no queue 'repair'; did you mean repairs?"),
        (
            '[[aftercare.queue]]\nname = "repairs"\n[[aftercare.queue]]\nname = "repairs"',
            "queue 'repairs' has a policy above; write one for each queue",
        ),
        ("[aftercare]\nfollow_ups = 99", "10"),
        ('[aftercare]\nclose_after = "soon"', "'soon' is not a duration"),
        ("[feedback]\nlow = 5", "4"),
        ('[feedback]\nask = "opened"', "closed"),
        ('[feedback]\nnot_for = ["no_anser"]', "there is no resolution code 'no_anser'; did you mean no_answer?"),
    ],
)
def test_a_slip_of_the_pen_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(written(tmp_path, text), {})
    assert told in str(refused.value)
