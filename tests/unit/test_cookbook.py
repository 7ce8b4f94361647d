"""The cookbook of docs/routing.md: every rule there loads, and does what its tests say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from maild.bootstrap.rule_suite import run_suite
from maild.config.load import load
from maild.testing.mails import new_mail

COOKBOOK = (Path(__file__).parents[2] / "docs" / "routing.md").read_text("utf-8").partition("## Cookbook")[2]
DESK = '[desk]\naddress = "support@example.com"\nsecret = "0123456789abcdef"\ntimezone = "Europe/Berlin"\n'
HOUSE, *RECIPES = re.findall(r"(?ms)^```toml\n(.*?)^```$", COOKBOOK)
NAMES = re.findall(r"(?m)^### \d+\. (.*)$", COOKBOOK)


def test_there_are_twenty() -> None:
    assert len(RECIPES) == len(NAMES) == 20


@pytest.mark.parametrize("recipe", RECIPES, ids=NAMES)
def test_a_recipe_does_what_it_says(recipe: str, tmp_path: Path) -> None:
    film = ("film.mp4", "video/mp4", bytes(12 << 20))
    if "large.eml" in recipe:
        (tmp_path / "large.eml").write_bytes(new_mail("See the film.", files=[film]))
    file = tmp_path / "maild.toml"
    file.write_text(DESK + HOUSE + recipe, "utf-8")

    checked = run_suite(load(file, {}))

    assert {each.rule: [fault.words for fault in each.faults] for each in checked if each.faults} == {}
    [rule] = tomllib.loads(recipe)["rule"]
    hit = [test for test in rule["test"] if rule["name"] in test["expect"].get("rules", "")]
    missed = [test for test in rule["test"] if rule["name"] in test["expect"].get("no_rules", "")]
    assert hit, "no test shows it hit"
    assert missed, "no test shows it miss"
