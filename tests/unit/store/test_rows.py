"""A mail is kept compressed: zlib, which is everywhere, and the quicker library read each other's, byte for byte."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.app.arrival import LARGE
from maild.store.rows import Damaged, pack, unpack


@given(st.lists(st.binary(max_size=300) | st.text(max_size=300).map(str.encode), max_size=9), st.integers(0, 40))
def test_any_mail_comes_back_as_it_came(parts: list[bytes], times: int) -> None:
    mail = b"\r\n".join(parts) * times

    assert unpack(bytes(pack(mail)), len(mail)) == mail
    assert zlib.decompress(pack(mail)) == mail
    assert unpack(zlib.compress(mail)) == mail


def test_a_large_mail_comes_back_as_it_came() -> None:
    mail = b"".join(b"%d bottles\r\n" % number for number in range(LARGE // 9))
    packed = pack(mail)

    assert len(mail) > LARGE
    assert len(packed) < len(mail) / 2
    assert unpack(bytes(packed), len(mail)) == mail


def test_one_that_is_not_whole_is_told() -> None:
    packed = bytes(pack(b"a mail\r\n" * 100))

    for damaged in (packed[:-1], b"\0" + packed[1:], packed[:-1] + bytes([packed[-1] ^ 1])):
        with pytest.raises(Damaged):
            unpack(damaged)
