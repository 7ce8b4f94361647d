"""Sample mails by kind of trouble, each with the facts that `maild explain --json` must tell of it.

tests/golden/mails holds NAME.eml beside NAME.json. The JSON says only what the mail is there for: of an
object the keys that are given are compared, of a list every entry, and a text may be given as its lines.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maild.bootstrap import make_desk
from maild.cli.explain import document
from maild.cli.explaining import Explainer
from maild.config.model import Config

MAILS = Path(__file__).parents[2] / "golden" / "mails"
NAMES = sorted({each.stem for each in MAILS.iterdir()})
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)  # when they arrive: an absence has to end later


@pytest.fixture(scope="module")
def explainer() -> Explainer:
    config = Config.model_validate(
        {
            "desk": {"address": "support@example.com", "secret": "0123456789abcdef"},
            "authenticity": {"trusted_ids": ["mx.example.com"]},
        }
    )
    return Explainer(desk=make_desk(config))


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_is_understood(name: str, explainer: Explainer) -> None:
    raw, expected = (MAILS / f"{name}.eml").read_bytes(), json.loads((MAILS / f"{name}.json").read_text("utf-8"))
    found = json.loads(json.dumps(document(explainer.explain(raw, NOW))))

    assert expected, "it says nothing"
    assert as_far_as(expected, found) == expected


def as_far_as(expected: object, found: object) -> object:
    """What was found, without the keys that nobody asked for and in the form of `expected`."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return {key: as_far_as(value, found[key]) if key in found else "no such key" for key, value in expected.items()}
    if isinstance(expected, list) and isinstance(found, str):
        return found.split("\n")
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [as_far_as(one, other) for one, other in zip(expected, found, strict=True)]
    return found
