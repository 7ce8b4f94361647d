"""A private Dovecot: IMAP on loopback, Maildir storage, users from a dictionary."""

import grp
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import MappingProxyType

from maild.testing.servers.daemon import MissingServer, PrivateServer, find_program, free_port
from maild.testing.servers.home import Account, private_home, unprivileged

USERS: Mapping[str, str] = MappingProxyType({"support": "secret"})

# Dovecot 2.3. Everything runs as one user, so nothing can be chrooted.
CONFIG = """\
base_dir = {home}/run
state_dir = {home}/run
log_path = /dev/stderr
protocols = imap
listen = {host}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
# nobody's number is high, and a packager's user may be low
first_valid_uid = 1
first_valid_gid = 1

# Plain passwords over plain TCP: it is loopback, and the tests are to see both ways in.
disable_plaintext_auth = no
ssl = {ssl}
{certificate}
auth_mechanisms = plain login
# Guessing passwords may be quick here: no delay of a refusal, and none of the next logins (below).
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {home}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u
}}
mail_location = maildir:~/Maildir
# Only for mail systems without inotify; it is told at once otherwise.
mailbox_idle_check_interval = 1 secs

service imap-login {{
  chroot =
  # One login process for all connections: quicker than one for each.
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


class DovecotServer(PrivateServer):
    """Dovecot with IMAP on `port`, and on `tls_port` with a throw-away certificate."""

    def __init__(self, home: Path, account: Account, users: Mapping[str, str]) -> None:
        """Find Dovecot; make the users and the certificate."""
        super().__init__(home, account)
        self.users = dict(users)
        self.tls_port = 0
        self._program = find_program("dovecot", "dovecot-imapd")
        self._refuse_other_versions()
        self._names = count()
        self.certificate: Path | None = self._make_certificate()
        """Whom to trust on `tls_port`; None when there is no openssl, then there is no TLS."""
        lines = "".join(f"{name}:{{PLAIN}}{password}\n" for name, password in users.items())
        self._write("users", lines)
        self._make_folder(home / "mail")

    def maildir(self, user: str = "support") -> Path:
        """The user's Maildir (the INBOX itself; other folders are `.Name` in it)."""
        return self.home / "mail" / user / "Maildir"

    def deliver(self, raw: bytes, user: str = "support") -> Path:
        """Put a mail into the user's INBOX as a delivery agent would; the file's path.

        Written under tmp and moved to new, so that Dovecot never sees half a mail.
        """
        maildir = self.maildir(user)
        for folder in (maildir.parent, maildir, *(maildir / part for part in ("cur", "new", "tmp"))):
            self._make_folder(folder)
        # Of names like these Dovecot gives the older one the lower UID, of others it does not: a reply was first.
        second, rest = divmod(time.time_ns(), 1_000_000_000)
        name = f"{second}.M{rest // 1000:06}P{os.getpid()}Q{next(self._names)}.maild"
        draft = maildir / "tmp" / name
        draft.write_bytes(raw)
        self.account.own(draft)
        return draft.rename(maildir / "new" / name)

    def command(self) -> list[str]:
        """Write the configuration for the ports of this start."""
        tls = self.certificate is not None
        if tls and not self.tls_port:
            self.tls_port = free_port()
        config = CONFIG.format(
            home=self.home,
            host=self.host,
            port=self.port,
            tls_port=self.tls_port,
            user=self.account.name,
            group=grp.getgrgid(self.account.gid).gr_name,
            uid=self.account.uid,
            gid=self.account.gid,
            ssl="yes" if tls else "no",
            certificate=f"ssl_cert = <{self.certificate}\nssl_key = <{self.home}/key.pem" if tls else "",
        )
        return [str(self._program), "-F", "-c", str(self._write("dovecot.conf", config))]

    def answers(self) -> bool:
        """Does it greet?"""
        with socket.create_connection((self.host, self.port), timeout=1) as client:
            return client.recv(256).startswith(b"* OK")

    def _refuse_other_versions(self) -> None:
        version = subprocess.run(
            [str(self._program), "--version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
        if not version.startswith("2.3."):
            # 2.4 reads another configuration language.
            raise MissingServer(f"dovecot 2.3 (there is {version.strip()})", "dovecot-imapd 2.3")

    def _make_certificate(self) -> Path | None:
        try:
            openssl = find_program("openssl", "openssl")
        except MissingServer:
            return None
        certificate = self.home / "certificate.pem"
        self.run(
            *(openssl, "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-addext", f"subjectAltName=DNS:localhost,IP:{self.host}"),
            *("-out", certificate, "-keyout", self.home / "key.pem"),
        )
        return certificate

    def _write(self, name: str, text: str) -> Path:
        path = self.home / name
        path.write_text(text, encoding="utf-8")
        self.account.own(path)
        return path

    def _make_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self.account.own(folder)


@contextmanager
def dovecot(folder: Path | None = None, users: Mapping[str, str] = USERS) -> Iterator[DovecotServer]:
    """Run a private Dovecot; raises MissingServer when it is not installed."""
    account = unprivileged("nobody")
    with private_home("dovecot", account, folder) as home:
        server = DovecotServer(home, account, users)
        try:
            server.start()
            yield server
        finally:
            server.stop()
