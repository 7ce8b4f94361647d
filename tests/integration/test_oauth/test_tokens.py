"""Tokens that a login gave: used, renewed in time, kept on disk; and what is said when that fails."""

from __future__ import annotations

import resource
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maild.bootstrap.accounts import kept_tokens
from maild.errors import NoToken
from maild.oauth.asking import Away
from maild.testing.issuer import FakeIssuer
from tests.integration.test_oauth.conftest import Office


def test_a_token_is_used_until_shortly_before_its_end_then_renewed(issuer: FakeIssuer, office: Office) -> None:
    office.maild("login", "office")
    account = office.account()
    office.now = datetime.now(UTC)
    first = account.token()
    office.now += timedelta(minutes=54)
    assert account.token() == first
    office.now += timedelta(minutes=2)
    second = account.token()
    assert second != first
    assert second in issuer.tokens
    assert account.token() == second


def test_a_refresh_token_that_changes_each_time_is_followed(issuer: FakeIssuer, office: Office) -> None:
    issuer.changes = True
    office.maild("login", "office")
    office.now = datetime.now(UTC)
    for _ in range(3):
        office.now += timedelta(hours=2)
        assert office.account().token() in issuer.tokens  # each time as another process


def test_many_at_once_renew_once(issuer: FakeIssuer, office: Office) -> None:
    issuer.changes = True  # a second refresh with the same token would be refused
    office.maild("login", "office")
    office.now = datetime.now(UTC) + timedelta(hours=2)
    asked = len(issuer.asked)
    had: list[str] = []
    threads = [threading.Thread(target=lambda: had.append(office.account().token())) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(had) == 8
    assert len(set(had)) == 1
    assert len(issuer.asked) == asked + 1


def test_while_the_issuer_is_away_the_old_token_goes_on(issuer: FakeIssuer, office: Office) -> None:
    office.maild("login", "office")
    account = office.account()
    office.now = datetime.now(UTC)
    token = account.token()
    issuer.says = (503, b"busy")
    office.now += timedelta(minutes=57)
    assert account.token() == token
    assert "answered 503" in account.standing().trouble
    office.now += timedelta(minutes=10)
    with pytest.raises(NoToken, match="answered 503"):
        account.token()
    issuer.says = None
    office.now += timedelta(minutes=2)
    assert account.token() in issuer.tokens
    assert not account.standing().trouble


def test_a_login_that_was_revoked_asks_for_a_new_one_and_does_not_press_the_issuer(
    issuer: FakeIssuer, office: Office
) -> None:
    office.maild("login", "office")
    issuer.refresh = "another"
    office.now = datetime.now(UTC) + timedelta(hours=2)
    account = office.account()
    asked = len(issuer.asked)
    for _ in range(5):
        with pytest.raises(NoToken, match=r"invalid_grant \(AADSTS70000\); sign in with: maild login office"):
            account.token()
    assert len(issuer.asked) == asked + 1
    issuer.refresh = ""
    office.maild("login", "office")
    office.now = datetime.now(UTC)
    assert account.token() in issuer.tokens


@pytest.mark.parametrize(
    "answer",
    [b"", b"[]", b"<html>", {"access_token": ""}, {"access_token": "two words"}, {"access_token": "a\r\nb"}, {}],
)
def test_an_answer_that_makes_no_sense_is_trouble_and_no_token(
    issuer: FakeIssuer, office: Office, answer: object
) -> None:
    office.maild("login", "office")
    office.now = datetime.now(UTC) + timedelta(hours=2)
    issuer.says = (200, answer)
    with pytest.raises(NoToken):
        office.account().token()


@pytest.mark.parametrize("life", [float("nan"), float("inf"), -1, "soon", None])
def test_a_life_that_makes_no_sense_is_no_trouble(issuer: FakeIssuer, office: Office, life: object) -> None:
    office.maild("login", "office")
    office.now = datetime.now(UTC) + timedelta(hours=2)
    issuer.says = (200, {"access_token": "token", "expires_in": life})
    assert office.account().token() == "token"


def test_a_file_that_was_spoilt_means_signing_in_again(issuer: FakeIssuer, office: Office) -> None:
    office.maild("login", "office")
    office.kept.write_text("{")
    with pytest.raises(NoToken, match="nobody has signed in yet"):
        office.account().token()


def test_tokens_of_another_user_are_not_called_missing(issuer: FakeIssuer, office: Office) -> None:
    office.kept.mkdir(parents=True)  # as little to be read as another user's file, also for root
    with pytest.raises(NoToken, match="does everything run as maild's user"):
        office.account().token()
    assert "cannot be read or kept" in office.maild("login", "--show").stdout
    assert "cannot be read or kept" in office.maild("status").output + office.account().standing().trouble
    done = office.maild("login", "office")
    assert done.exit_code != 0
    assert "run this as maild's user" in done.output


def test_what_root_asks_for_belongs_to_mailds_user(
    issuer: FakeIssuer, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[str, int, int]] = []
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.fchown", lambda opened, user, group: given.append((_name(opened), user, group)))
    office.maild("login", "office")
    owner = office.config.desk.data.stat()
    assert given == [(name, owner.st_uid, owner.st_gid) for name in ("oauth", "office.lock", "office.new")]


def _name(opened: int) -> str:
    return Path(f"/proc/self/fd/{opened}").readlink().name


@pytest.mark.parametrize("name", ["oauth", "oauth/office.lock", "oauth/office.new"])
def test_root_gives_away_nothing_that_a_link_leads_to(
    issuer: FakeIssuer, office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    given: list[str] = []
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.fchown", lambda opened, _user, _group: given.append(_name(opened)))
    target, link = tmp_path / "shadow", office.config.desk.data / name
    link.parent.mkdir(parents=True, exist_ok=True)
    if name == "oauth":
        target.mkdir()
    else:
        target.write_text("root:x:0:0")
    link.symlink_to(target)

    result = office.maild("login", "office")

    assert result.exit_code != 0
    assert "shadow" not in given
    assert target.is_dir() or target.read_text() == "root:x:0:0"


def test_a_full_disk_leaves_the_tokens_that_were_kept(issuer: FakeIssuer, office: Office) -> None:
    office.maild("login", "office")
    before = office.kept.read_bytes()
    office.now = datetime.now(UTC) + timedelta(hours=2)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))  # writing ends in the middle
    try:
        with pytest.raises(NoToken, match="No space left"):
            office.account().token()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert office.kept.read_bytes() == before
    assert office.account().token() in issuer.tokens


def test_a_token_that_lasts_does_not_wait_for_a_slow_issuer(issuer: FakeIssuer, office: Office) -> None:
    office.maild("login", "office")
    office.now = datetime.now(UTC)
    token = office.account().token()
    office.now += timedelta(minutes=57)
    with kept_tokens(office.config, office.config.oauth[0]).alone():  # somebody is asking, and gets no answer
        assert office.account().token() == token


def test_an_issuer_has_seconds_in_all(issuer: FakeIssuer, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.maild("login", "office")
    office.now = datetime.now(UTC) + timedelta(hours=2)
    monkeypatch.setattr("maild.oauth.asking._IN_ALL", 0.1)
    going_on = threading.Event()
    monkeypatch.setattr("maild.oauth.asking._asked", lambda *_: going_on.wait(60))
    with pytest.raises(NoToken, match=r"did not answer within 0\.1 s"):
        office.account().token()
    going_on.set()


def test_the_rest_after_a_refusal_begins_with_its_end(
    issuer: FakeIssuer, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.maild("login", "office")
    office.now = datetime.now(UTC) + timedelta(hours=2)

    def slow(*_: object) -> None:
        asked.append(office.now)
        office.now += timedelta(minutes=4)  # a firewall, and an issuer with many addresses
        raise Away("nobody answers")

    asked: list[datetime] = []
    monkeypatch.setattr("maild.oauth.asking.ask", slow)
    for _ in range(3):  # who waited
        with pytest.raises(NoToken, match="nobody answers"):
            office.account().token()
    assert len(asked) == 1


def test_a_clock_that_was_ahead_does_not_keep_a_dead_token(issuer: FakeIssuer, office: Office) -> None:
    office.maild("login", "office")
    office.now = datetime.now(UTC) + timedelta(days=30)
    account = office.account()
    token = account.token()
    office.now -= timedelta(days=30)
    account.refused(token)  # its end has come, whatever we thought
    assert account.token() != token
    account.refused(account.token())
    office.now += timedelta(days=30)
    issuer.says = (503, b"busy")
    with pytest.raises(NoToken, match="503"):
        account.token()
    office.now -= timedelta(days=30)
    issuer.says = None
    assert account.token() in issuer.tokens


def test_a_login_that_has_ended_is_trouble(issuer: FakeIssuer, office: Office) -> None:
    issuer.refresh_life = 7 * 86400
    office.maild("login", "office")
    office.now = datetime.now(UTC) + timedelta(days=8)
    assert "its login has ended; sign in with: maild login office" in office.account().standing().trouble


def test_the_end_of_a_login_is_known_where_the_issuer_tells_it(issuer: FakeIssuer, office: Office) -> None:
    issuer.refresh_life = 7 * 86400  # as Google's, for an app that is being tried
    office.maild("login", "office")
    ends = office.account().standing().ends_at
    assert ends is not None
    assert timedelta(days=6) < ends - datetime.now(UTC) < timedelta(days=8)
