"""Who this process is, in claims, leases and heartbeats; and whether another one has certainly ended.

HOST/MACHINE-NAMESPACE:PID:STARTED-TOKEN: a process number means something only on its machine and inside its
namespace (the first one has the same number everywhere: what tells apart machines of one name is the id of the
installation, which a reboot does not change, so that after one the dead are known at once); when it was started
(in the kernel's ticks) tells it from another with the same number, and the token does where the kernel does not say.
"""

from __future__ import annotations

import os
import secrets
import socket
from hashlib import sha256
from pathlib import Path

_ENDED = ("Z", "X")  # killed, and only still in the table because its parent has not looked


def place_of(kernel: Path, installation: Path) -> str:
    """Where process numbers mean the same, by /proc and machine-id(5); only the host's name where nobody says more."""
    try:
        namespace = (kernel / "self/ns/pid").stat().st_ino
    except OSError:
        return socket.gethostname()
    try:
        machine = installation.read_text().strip()
    except OSError:
        machine = ""
    # Digested, as machine-id(5) asks for: this name is seen by others.
    told = sha256(b"maild" + machine.encode()).hexdigest()[:8] + "-" if machine else ""
    return f"{socket.gethostname()}/{told}{namespace}"


def _in_table(pid: int) -> tuple[str, str]:
    """A process's state and when it was started (proc(5): fields 3 and 22); ("", "") when nobody says."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        return fields[0], fields[19]
    except (OSError, IndexError):
        return "", ""


PLACE = place_of(Path("/proc"), Path("/etc/machine-id"))
OWNER = f"{PLACE}:{os.getpid()}:{_in_table(os.getpid())[1]}-{secrets.token_hex(4)}"


def machine_of(place: str) -> str:
    """The machine of a process, as people call it."""
    return place.partition("/")[0]


def is_gone(owner: str) -> bool:
    """Whether a process has certainly ended: it ran here, and runs no more."""
    name, _, token = owner.rpartition(":")
    host, _, pid = name.rpartition(":")
    if host != PLACE or not pid.isdigit() or owner == OWNER:
        return False
    if int(pid) == os.getpid():
        return True
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:  # it lives, and is somebody else's
        pass
    state, started = _in_table(int(pid))
    was_started, dash, _ = token.partition("-")
    another = bool(dash and was_started.isdigit() and started) and was_started != started
    return another or state in _ENDED
