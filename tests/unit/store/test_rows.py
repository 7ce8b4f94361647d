"""A mail is kept compressed: zlib, which is everywhere, reads what the quicker library wrote, byte for byte."""

import zlib

from hypothesis import given
from hypothesis import strategies as st

from maild.app.arrival import LARGE
from maild.store.rows import pack, unpack


@given(st.lists(st.binary(max_size=300) | st.text(max_size=300).map(str.encode), max_size=9), st.integers(0, 40))
def test_any_mail_comes_back_as_it_came(parts: list[bytes], times: int) -> None:
    mail = b"\r\n".join(parts) * times

    assert unpack(bytes(pack(mail)), len(mail)) == mail
    assert zlib.decompress(pack(mail)) == mail


def test_a_large_mail_comes_back_as_it_came() -> None:
    mail = b"".join(b"%d bottles\r\n" % number for number in range(LARGE // 9))
    packed = pack(mail)

    assert len(mail) > LARGE
    assert len(packed) < len(mail) / 2
    assert unpack(bytes(packed), len(mail)) == mail
