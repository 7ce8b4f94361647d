"""Until when a certificate is valid, read from its file.

The standard library reads a certificate only out of a connection, so its dates are found here: a few
steps through DER [X.690], to tbsCertificate.validity.notAfter [RFC 5280 §4.1.2.5].
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

_VERSION, _UTC_TIME, _GENERALIZED_TIME = 0xA0, 0x17, 0x18
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def valid_until(file: Path) -> datetime:
    """When the first certificate of a PEM file, the server's own, expires. Raises OSError, ValueError."""
    text = file.read_text(encoding="ascii", errors="replace")
    begin = text.find(_BEGIN)
    end = text.find(_END, begin)
    if begin < 0 or end < 0:
        raise ValueError("there is no certificate in it")
    try:
        return _not_after(ssl.PEM_cert_to_DER_cert(text[begin : end + len(_END)]))
    except (IndexError, UnicodeDecodeError) as error:
        raise ValueError("it is no certificate") from error


def _not_after(der: bytes) -> datetime:
    _, certificate, _ = _element(der)
    _, rest, _ = _element(certificate)  # tbsCertificate
    tag, _, after = _element(rest)
    if tag == _VERSION:
        _, _, after = _element(after)  # serialNumber
    for _ in ("signature", "issuer"):
        _, _, after = _element(after)
    _, validity, _ = _element(after)
    _, _, second = _element(validity)
    tag, moment, _ = _element(second)
    digits = moment.decode("ascii")
    if tag == _UTC_TIME:  # its years are 1950 to 2049
        digits = ("19" if digits[:2] >= "50" else "20") + digits
    elif tag != _GENERALIZED_TIME:
        raise ValueError("it is no certificate")
    return datetime.strptime(digits, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _element(der: bytes) -> tuple[int, bytes, bytes]:
    """The first element: its tag, its content, and what follows it."""
    tag, length, at = der[0], der[1], 2
    if length & 0x80:
        count = length & 0x7F
        length, at = int.from_bytes(der[2 : 2 + count]), 2 + count
    if len(der) < at + length:
        raise IndexError("cut off")
    return tag, der[at : at + length], der[at + length :]
