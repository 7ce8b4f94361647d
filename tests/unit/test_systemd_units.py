"""The units for systemd: complete, shut in, and right in systemd's own eyes where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from maild.cli.main import COMMANDS

FOLDER = Path(__file__).parents[2] / "docs" / "systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
DAEMONS = [path for path in SERVICES if "backup" not in path.name]
# What every one of them has; `systemd-analyze security` asks for these.
SANDBOX = {
    "CapabilityBoundingSet": "",
    "DevicePolicy": "closed",
    "KeyringMode": "private",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "NoNewPrivileges": "yes",
    "PrivateDevices": "yes",
    "PrivateTmp": "yes",
    "ProcSubset": "pid",
    "ProtectClock": "yes",
    "ProtectControlGroups": "yes",
    "ProtectHome": "yes",
    "ProtectHostname": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectProc": "invisible",
    "ProtectSystem": "strict",
    "RemoveIPC": "yes",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "SystemCallArchitectures": "native",
    "UMask": "0077",
    "User": "maild",
}


def keys(path: Path) -> dict[str, list[str]]:
    """Every key of a unit with its values; a line that is none fails."""
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith(("#", "[")):
            key = re.fullmatch(r"([A-Z][A-Za-z]*)=(.*)", line)
            assert key, line
            found.setdefault(key[1], []).append(key[2])
    return found


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_is_shut_in_and_starts_a_command_of_ours(path: Path) -> None:
    unit = keys(path)
    assert {key: unit.get(key, [None])[0] for key in SANDBOX} == SANDBOX
    assert unit["SystemCallFilter"] == ["@system-service", "~@privileged"]
    assert "PYTHONSAFEPATH=1" in unit["Environment"]
    command = unit["ExecStart"][0].split()
    assert command[:3] == ["/opt/maild/.venv/bin/maild", "--config", "/etc/maild/maild.toml"]
    assert command[3] in COMMANDS


@pytest.mark.parametrize("path", DAEMONS, ids=lambda path: path.name)
def test_a_daemon_is_watched_and_started_again(path: Path) -> None:
    unit = keys(path)
    assert (unit["Type"], unit["Restart"], unit["WatchdogSec"]) == (["notify"], ["always"], ["60"])


def test_the_backup_may_write_where_it_writes() -> None:
    unit = keys(FOLDER / "maild-backup.service")
    assert unit["ReadWritePaths"][0] in unit["ExecStart"][0]
    assert keys(FOLDER / "maild-backup.timer")["Persistent"] == ["yes"]


def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    """Where systemd is not installed, as in a container, the tests above are all that can be said."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return
    for path in FOLDER.iterdir():  # our program is not installed where systemd would look
        text = path.read_text("utf-8").replace("/opt/maild/.venv/bin/maild", "/bin/true")
        (tmp_path / path.name).write_text(text)
    for path in sorted(tmp_path.iterdir()):
        done = subprocess.run([analyze, "verify", path], capture_output=True, text=True, check=False)
        ours = [line for line in (done.stdout + done.stderr).splitlines() if path.name in line]
        assert (path.name, ours) == (path.name, [])
    judge = [analyze, "security", "--offline=true", "--threshold=20"]  # tenths of the exposure: at most 2.0
    for path in sorted(tmp_path.glob("*.service")):
        done = subprocess.run([*judge, path], capture_output=True, text=True, check=False)
        if "nrecognized option" not in done.stderr:  # before systemd 250
            assert done.returncode == 0, done.stdout[-300:]
