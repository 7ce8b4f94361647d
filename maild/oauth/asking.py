"""One question to an issuer: a form goes there, JSON comes back; nothing of either is ever repeated in an error."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any, Protocol
from urllib.parse import urlsplit

from maild.errors import MaildError, Temporary

_SECONDS = 15.0  # for each step: a connection to one of its addresses, the next piece of its answer
_IN_ALL = 20.0  # seconds; others wait for the answer meanwhile, and stopping does not wait for much longer
_LARGEST = 64 << 10  # bytes of an answer
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "maild",
}
_CODE = re.compile(r"[a-z_]{1,60}")  # RFC 6749 §5.2: what an issuer's error may be called
_ABOUT = re.compile(r"AADSTS\d{3,10}")  # of Microsoft's descriptions the number helps; the rest may hold names


class Away(Temporary):
    """The issuer gives no sensible answer now; the text says why."""


class Refused(MaildError):
    """The issuer said no: its error code (RFC 6749 §5.2, RFC 8628 §3.5), and a number to look up if it gave one."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(f"{code} ({about})" if about else code)
        self.code = code


class Ask(Protocol):
    """Puts one question."""

    def __call__(self, url: str, form: str) -> Mapping[str, Any]:
        """POST a form; the JSON object that comes back. Raises Away or Refused."""


def ask(url: str, form: str) -> Mapping[str, Any]:
    """POST a form; the JSON object that comes back. No redirect is followed. Raises Away or Refused.

    It takes no longer than `_IN_ALL`. Time-outs of sockets do not see to that: a name is looked up without one, each of
    an issuer's many addresses has its own, and so has each byte of an answer.
    """
    said: Future[Mapping[str, Any]] = Future()

    def run() -> None:
        try:
            said.set_result(_asked(url, form))
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            said.set_exception(error)

    threading.Thread(target=run, name="issuer", daemon=True).start()
    try:
        return said.result(_IN_ALL)
    except TimeoutError:
        raise Away(f"{urlsplit(url).hostname} did not answer within {_IN_ALL:g} s") from None


def _asked(url: str, form: str) -> Mapping[str, Any]:
    import urllib3  # only here: most desks have no account of this kind, and each start would wait for it

    host = urllib3.util.parse_url(url).host
    try:
        answer = urllib3.request(
            "POST", url, body=form, headers=_HEADERS, timeout=_SECONDS, retries=False, redirect=False,
            preload_content=False,
        )  # fmt: skip
        try:
            body = answer.read(_LARGEST, decode_content=False)
        finally:
            answer.close()
    except urllib3.exceptions.HTTPError as error:
        raise Away(f"{host} cannot be asked: {type(error).__name__}") from None
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Away(f"{host} answered {answer.status} without a JSON object")
    if answer.status != 200:
        code = said.get("error")
        if not 400 <= answer.status < 500 or answer.status == 429 or not isinstance(code, str):
            raise Away(f"{host} answered {answer.status}")
        about = _ABOUT.search(str(said.get("error_description", "")))
        raise Refused(code if _CODE.fullmatch(code) else "an unknown error", about[0] if about else "")
    return said
