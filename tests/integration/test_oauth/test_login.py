"""`maild login`: by a code for another device, in a browser, by a pasted address."""

from __future__ import annotations

import json
import re
import stat
import threading
import urllib.request
from pathlib import Path

import pytest

from maild.testing.issuer import FakeIssuer
from tests.integration.test_oauth.conftest import BY_BROWSER, Office


def test_a_login_by_device_shows_the_code_waits_for_it_and_keeps_the_tokens(issuer: FakeIssuer, office: Office) -> None:
    issuer.pending = 2
    done = office.maild("login", "office")
    assert done.exit_code == 0, done.output
    assert "WDJB-MJHT" in done.stderr
    assert f"{issuer.url}/here" in done.stderr
    assert "signed in" in done.stdout
    assert issuer.asked[0] == {"client_id": "maild-test", "scope": "mail offline_access"}
    assert len(issuer.asked) == 4  # the code, twice too early, then in time
    assert stat.S_IMODE(office.kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(office.kept.parent.stat().st_mode) == 0o700
    assert issuer.refresh not in done.output


def test_a_login_in_a_browser_ends_at_an_address_of_this_machine(tmp_path: Path, issuer: FakeIssuer) -> None:
    office = Office(tmp_path, issuer, BY_BROWSER)
    said: list[str] = []

    def browse(text: str, **_: object) -> None:
        said.append(text)
        if found := re.search(r"http://\S+/authorize\S+", text):
            address = issuer.sign_in(found[0])
            threading.Thread(target=lambda: urllib.request.urlopen(address).read()).start()  # noqa: S310

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("maild.cli.login._tell", browse)
        done = office.maild("login")
    assert done.exit_code == 0, done.output
    assert issuer.asked[0]["code_challenge_method"] == "S256"
    assert issuer.asked[0]["login_hint"] == "support@example.com"
    assert office.account().token() in issuer.tokens


def test_with_the_browser_elsewhere_its_last_address_is_pasted(tmp_path: Path, issuer: FakeIssuer) -> None:
    office = Office(tmp_path, issuer, BY_BROWSER)
    with pytest.MonkeyPatch.context() as patch:
        ended: list[str] = []
        patch.setattr("maild.cli.login._tell", lambda text: ended.extend(_signed_in(issuer, text)))
        patch.setattr("maild.cli.login._pasted", lambda: ended[0])
        done = office.maild("login", "--paste")
    assert done.exit_code == 0, done.output
    assert ended[0].startswith("http://127.0.0.1:1/")


def _signed_in(issuer: FakeIssuer, text: str) -> list[str]:
    found = re.search(r"http://\S+/authorize\S+", text)
    return [issuer.sign_in(found[0])] if found else []


def test_an_address_of_somebody_elses_login_is_not_taken(tmp_path: Path, issuer: FakeIssuer) -> None:
    """The state is not ours: somebody wants maild to read his own mailbox (RFC 6749 §10.12)."""
    office = Office(tmp_path, issuer, BY_BROWSER)
    done = office.maild("login", "--paste", typed="http://127.0.0.1:1/?code=theirs&state=theirs\n")
    assert done.exit_code == 1
    assert "refuses: mismatching_state" in done.output
    assert not office.kept.exists()


def test_who_says_no_at_the_login_page_changes_nothing(issuer: FakeIssuer, office: Office) -> None:
    issuer.secret = "another"  # of a test
    done = office.maild("login", "office")
    assert done.exit_code == 1
    assert "account office: the issuer refuses: invalid_client (AADSTS70000)" in done.output
    assert "kim@customer.example" not in done.output
    assert not office.kept.exists()


def test_show_tells_how_it_stands(issuer: FakeIssuer, office: Office) -> None:
    before = office.maild("login", "--show")
    assert before.exit_code == 1
    assert "nobody has signed in yet; sign in with: maild login office" in before.output
    office.maild("login", "office")
    after = office.maild("login", "--show", "--json")
    assert after.exit_code == 0
    [standing] = json.loads(after.output)
    assert (standing["name"], standing["trouble"]) == ("office", "")
