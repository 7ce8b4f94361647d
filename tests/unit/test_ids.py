"""Signed names: only we can have made them."""

from __future__ import annotations

import pytest

from maild.ids import Purpose, ReplyToken, Signer, plain_address, read_reply_address, split_address

KEY = b"0123456789abcdef"
SIGNER = Signer([KEY])
SUPPORT = "support@example.com"
KIM = "kim@customer.example"


def token(address: str) -> ReplyToken:
    found = read_reply_address(address)
    assert found is not None
    return found


def test_a_reply_address_proves_whom_it_was_made_for() -> None:
    address = SIGNER.reply_address(SUPPORT, 42, KIM, Purpose.CUSTOMER)
    assert address.startswith("support+t42.")
    assert address.endswith("@example.com")
    assert SIGNER.verifies(token(address), KIM)
    assert not SIGNER.verifies(token(address), "mallory@evil.example")


def test_the_case_that_mail_systems_change_does_not_matter() -> None:
    address = SIGNER.reply_address(SUPPORT, 42, "Kim@Customer.example", Purpose.CUSTOMER)
    assert SIGNER.verifies(token(address.upper().replace("EXAMPLE.COM", "example.com")), KIM)


def test_every_changed_character_of_a_reply_address_breaks_it() -> None:
    address = SIGNER.reply_address(SUPPORT, 42, KIM, Purpose.CUSTOMER)
    start, end = address.index("+") + 1, address.index("@")
    for at in range(start, end):
        changed = address[:at] + ("b" if address[at] != "b" else "c") + address[at + 1 :]
        found = read_reply_address(changed)
        assert found is None or not SIGNER.verifies(found, KIM), changed


def test_an_agents_address_is_not_a_customers() -> None:
    agents = SIGNER.reply_address(SUPPORT, 42, KIM, Purpose.AGENT)
    forged = agents.replace("+a42", "+t42")
    assert not SIGNER.verifies(token(forged), KIM)


def test_an_old_key_is_accepted_and_a_foreign_one_is_not() -> None:
    address = SIGNER.reply_address(SUPPORT, 42, KIM, Purpose.CUSTOMER)
    assert Signer([b"a new key of 16+ bytes", KEY]).verifies(token(address), KIM)
    assert not Signer([b"a new key of 16+ bytes"]).verifies(token(address), KIM)


def test_a_message_id_tells_its_ticket_only_when_we_made_it() -> None:
    nonce = SIGNER.nonce("a cause")
    message_id = SIGNER.message_id("example.com", 42, nonce)
    assert SIGNER.read_message_id(message_id) == 42
    assert SIGNER.read_message_id(message_id.replace("m.42.", "m.43.")) is None
    assert SIGNER.read_message_id("m.42.abc@example.com") is None
    assert SIGNER.read_message_id(SIGNER.ticket_id("example.com", 42)) == 42


def test_the_same_cause_has_the_same_nonce_so_that_a_retry_is_the_same_letter() -> None:
    assert SIGNER.nonce("one") == SIGNER.nonce("one")
    assert SIGNER.nonce("one") != SIGNER.nonce("two")


def test_a_bounce_address_tells_its_letter_only_when_we_made_it() -> None:
    nonce = SIGNER.nonce("a cause")
    address = SIGNER.bounce_address(SUPPORT, nonce)
    assert SIGNER.read_bounce_address(address) == nonce
    assert SIGNER.read_bounce_address(address.replace(nonce, SIGNER.nonce("another"))) is None
    assert SIGNER.read_bounce_address(SUPPORT) is None


def test_an_address_for_lists_is_one_agents_and_names_no_ticket() -> None:
    address = SIGNER.list_address(SUPPORT, "Anna@example.com")
    assert address.startswith("support+l.")
    assert SIGNER.is_list_address(address.upper(), "anna@example.com")
    assert not SIGNER.is_list_address(address, KIM)
    assert not SIGNER.is_list_address(SIGNER.reply_address(SUPPORT, 42, KIM, Purpose.AGENT), KIM)
    assert read_reply_address(address) is None
    assert Signer([b"another key of ours", KEY]).is_list_address(address, "anna@example.com")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Signer([b"short"])


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("support@example.com", ("support", "", "example.com")),
        ("support+t1.x@EXAMPLE.com", ("support", "t1.x", "example.com")),
        ("a+b+c@x.example", ("a", "b+c", "x.example")),
        ("no-at-sign", ("", "", "no-at-sign")),
    ],
)
def test_an_address_is_split_at_its_first_plus_and_last_at(address: str, parts: tuple[str, str, str]) -> None:
    assert split_address(address) == parts


def test_own_addresses_are_compared_without_extension_and_case() -> None:
    assert plain_address("Support+t42.abc@Example.COM") == "support@example.com"


def test_a_pseudonym_is_recognised_after_the_key_was_changed_and_says_no_address() -> None:
    [old] = SIGNER.pseudonyms("Kim@Customer.example")
    new, same = Signer([b"a new key of 16+ bytes", KEY]).pseudonyms("kim@customer.example")

    assert same == old != new
    assert "kim" not in old
    assert "@" not in old
    assert old not in Signer([b"a new key of 16+ bytes"]).pseudonyms("kim@customer.example")
