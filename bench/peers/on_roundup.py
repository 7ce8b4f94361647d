"""Runs inside roundup's own Python: a classic tracker on SQLite, fed from an mbox by its own mail gateway.

    python on_roundup.py FOLDER MBOX RESULT

The mailbox way is the fastest that roundup has itself: one process, one open tracker. Its mail goes into a
file. Its config is as `roundup-admin` writes it, but for who the tracker is, and that strangers may write to it.
Who writes is known to it before: to register somebody, it hashes a password for some tenths of a second.
"""

from __future__ import annotations

import json
import mailbox
import os
import subprocess
import sys
import time
from email.utils import parseaddr
from pathlib import Path


def main(folder: str, mbox: str, result: str) -> None:
    """Make the tracker, feed it, count what it has."""
    home = Path(folder, "tracker")
    os.environ["SENDMAILDEBUG"] = str(Path(folder, "sent"))
    admin = [str(Path(sys.executable).with_name("roundup-admin")), "-i", str(home)]
    subprocess.run([*admin, "install", "classic", "sqlite"], check=True, capture_output=True)
    config = home / "config.ini"
    text = config.read_text()
    for name, value in {
        "domain": "example.com",  # of [mail]
        "host": "localhost",
        "web": "http://localhost/",
        "email": "support",
        "admin_email": "admin",
        "dispatcher_email": "admin",
    }.items():
        lines = text.splitlines()
        for place, line in enumerate(lines):
            if line.lstrip("#; ").startswith(f"{name} ="):
                lines[place] = f"{name} = {value}"
                break
        text = "\n".join(lines) + "\n"
    config.write_text(text)
    # As its documentation says for a desk that strangers write to; who writes is registered by that.
    schema, allowed = home / "schema.py", "db.security.addPermissionToRole('Anonymous', 'Email Access')"
    schema.write_text(schema.read_text().replace(f"#{allowed}", allowed))
    subprocess.run([*admin, "initialise", "secret"], check=True, capture_output=True)

    from roundup import instance  # type: ignore[import-not-found]
    from roundup.scripts import roundup_mailgw  # type: ignore[import-not-found]

    db = instance.open(str(home)).open("admin")
    addresses = {parseaddr(mail["From"])[1] for mail in mailbox.mbox(mbox)}
    for address in sorted(addresses):
        db.user.create(username=address, address=address, roles="User")
    db.commit()
    db.close()
    begun = time.time()
    roundup_mailgw.main([str(home), "mailbox", mbox])  # as the command `roundup-mailgw` does, without Python's start
    seconds = time.time() - begun
    db = instance.open(str(home)).open("admin")
    Path(result).write_text(
        json.dumps({"seconds": seconds, "tickets": len(db.issue.list()), "mails": len(db.msg.list())})
    )
    db.close()


main(*sys.argv[1:])
