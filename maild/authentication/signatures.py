"""Verifies DKIM signatures (RFC 6376) with dkimpy, which may never see what it is slow or mistaken on."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence

from maild.authentication.lookups import Lookups, NoAnswer
from maild.mail.alignment import public_domain
from maild.mail.authentication_results import MethodResult

MOST_SIGNATURES = 5
LONGEST_HEAD = 64 * 1024
LONGEST_SIGNATURE = 4096  # dkimpy is quadratic in it
LONGEST_KEY = 2048  # a DNS record; a key of 8192 bits has 1,400 characters, and more costs seconds to use
SMALLEST_KEY = 1024  # bits (RFC 8301 §3.2)
_DEAREST_BODY = 200_000_000  # steps of dkimpy's search for blanks at line ends, which is quadratic in each run

# Twice in a mail, its readers and the signer may mean different ones (RFC 5322 §3.6, RFC 6376 §8.15).
_ONCE = (b"from", b"sender", b"reply-to", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to",
         b"references", b"mime-version", b"content-type", b"content-transfer-encoding")  # fmt: skip
_SILENT = logging.getLogger("maild.dkimpy")
_SILENT.setLevel(logging.CRITICAL + 1)  # it would write strangers' words to the log
_FIELD = re.compile(rb"([!-9;-~]+):")
_BLANKS = re.compile(rb"[ \t]{16,}")


def dkim_results(raw: bytes, lookup: Lookups, now: float) -> list[MethodResult]:
    """One result for each of the first five signatures; `now` is when the mail came, in seconds since 1970.

    "policy" is a signature that is right but proves nothing to us, "temperror" one that could not be
    checked. Never raises.
    """
    head, body = _split(raw)
    names = _names(head)
    signatures = [value for name, value in names if name == b"dkim-signature"][:MOST_SIGNATURES]
    if not signatures:
        return []
    trouble = _unfit(head, body, names, signatures)
    if trouble:
        return [MethodResult(method="dkim", result="policy", comments=(trouble,))]
    message = head + b"\r\n\r\n" + body
    twice = next((name.decode() for name in _ONCE if sum(name == each for each, _ in names) > 1), "")
    return [_verified(message, index, lookup, now, twice) for index in range(len(signatures))]


def _verified(message: bytes, index: int, lookup: Lookups, now: float, twice: str) -> MethodResult:
    import dkim

    if lookup.over:  # each signature costs a walk through the whole body
        return MethodResult(method="dkim", result="temperror")
    signature = dkim.DKIM(message, logger=_SILENT, minkey=0)
    keys: list[bytes] = []

    def key(name: bytes, timeout: float = 0) -> bytes | None:  # noqa: ARG001 - dkimpy's call; ours has its own
        found = lookup(name.decode("ascii"), "TXT")
        if len(found) != 1 or len(found[0]) > LONGEST_KEY:
            return None
        keys.append(found[0])
        return bytes(found[0])

    try:
        right = signature.verify(index, dnsfunc=key)
    except NoAnswer as error:
        return _result("temperror", signature, str(error))
    except dkim.NaClNotFoundError:  # Ed25519 (RFC 8463): who has one signs with RSA as well
        return _result("policy", signature, "its algorithm is not known here")
    except dkim.ValidationError:  # such as another body than the signed one
        return _result("fail", signature)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's header does to it: it is no signature
        return _result("permerror", signature, type(error).__name__)
    if not right:
        return _result("fail", signature)
    trouble = f"{twice} stands in it twice" if twice else _worthless(signature, keys[-1], now)
    return _result("policy" if trouble else "pass", signature, trouble)


def _worthless(signature: object, key: bytes, now: float) -> str:
    """Why a signature that is right proves nothing; "" when it does."""
    tags: dict[bytes, bytes] = getattr(signature, "signature_fields", {})
    if b"from" not in [name.strip().lower() for name in tags.get(b"h", b"").split(b":")]:
        return "it does not sign From"
    if b"l" in tags:  # anybody may add text below it
        return "it signs a part of the body only"
    if tags.get(b"a") not in {b"rsa-sha256", b"ed25519-sha256"}:
        return "its algorithm is broken"
    if tags.get(b"a") == b"rsa-sha256" and getattr(signature, "keysize", 0) < SMALLEST_KEY:
        return f"its key has fewer than {SMALLEST_KEY} bits"
    if b"x" in tags and int(tags[b"x"]) < now:
        return "it has expired"
    flags = re.search(rb"(?:^|;)\s*t\s*=([^;]*)", key)
    if flags and b"y" in flags.group(1).replace(b" ", b"").split(b":"):
        return "its domain is only testing"
    return ""


def _result(result: str, signature: object, trouble: str = "") -> MethodResult:
    tags: dict[bytes, bytes] = getattr(signature, "signature_fields", {})
    domain = public_domain(tags.get(b"d", b"").decode("ascii", "replace"))
    return MethodResult(
        method="dkim", result=result, properties=(("header.d", domain),), comments=(trouble,) if trouble else ()
    )


def _split(raw: bytes) -> tuple[bytes, bytes]:
    """Head and body as they are when every line ends in CRLF."""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    return head.strip(b"\n").replace(b"\n", b"\r\n"), body.replace(b"\n", b"\r\n")


def _names(head: bytes) -> list[tuple[bytes, bytes]]:
    """Fields by name in lower case, folds included; an odd line has the name b""."""
    found: list[tuple[bytes, list[bytes]]] = []
    for line in head.split(b"\r\n"):
        if line[:1] in {b" ", b"\t"} and found:
            found[-1][1].append(line)
            continue
        match = _FIELD.match(line)
        found.append((match.group(1).lower() if match else b"", [line]))
    return [(name, b"\r\n".join(lines)) for name, lines in found]


def _unfit(head: bytes, body: bytes, names: Sequence[tuple[bytes, bytes]], signatures: Sequence[bytes]) -> str:
    """Why dkimpy must not see this mail: it would be slow, or read another mail than we do."""
    if len(head) > LONGEST_HEAD:
        return "its header is too long to check"
    if b"\r" in head.replace(b"\r\n", b"") or b"\r" in body.replace(b"\r\n", b"") or b"\0" in head:
        return "a line of it ends in a bare carriage return"
    if any(not name for name, _ in names):
        return "a line of its header is no field"
    if any(len(value) > LONGEST_SIGNATURE for value in signatures):
        return "a signature is too long to check"
    if sum(len(run) ** 2 for run in _BLANKS.findall(body)) > _DEAREST_BODY:
        return "its body is made to be slow to check"
    return ""
