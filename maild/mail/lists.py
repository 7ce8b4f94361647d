"""Knows mail that a person wrote and a mailing list or another system passed on."""

from __future__ import annotations

from maild.mail.addresses import read_addresses
from maild.mail.model import Address
from maild.mail.robots import is_list_machine

Headers = dict[str, str]

# List software adds these to what people write; a newsletter has no list to write to.
_DISCUSSION_HEADERS = (
    "list-post",
    "list-subscribe",
    "list-archive",
    "mailing-list",
    "x-mailing-list",
    "x-beenthere",
    "x-mailman-version",
    "x-ml-name",
    "x-loop-list",
    "x-google-group-id",
)
# Other systems pass on what a person wrote in them, and name the person here.
_GATEWAY_HEADERS = ("x-github-sender", "x-github-reason", "x-bugzilla-who", "x-debian-pr-message")


def list_evidence(headers: Headers, sender: Address) -> str:
    """Why the mail is one of a discussion list or a gateway, "" when it is not (RFC 2369, RFC 2919)."""
    if headers.get("precedence", "").strip().lower() == "list":
        return "Precedence: list"
    for name in _DISCUSSION_HEADERS:
        if name in headers:
            return f"the header {name} of a mailing list"
    if "list-id" in headers and "list-unsubscribe" not in headers:
        return "the header list-id (RFC 2919)"
    for name in _GATEWAY_HEADERS:
        if name in headers:
            return f"a person wrote it in another system: the header {name}"
    if headers.get("delivered-to", "").lower().startswith("mailing list "):
        return "Delivered-To: mailing list (ezmlm)"
    for name in () if is_list_address(sender.address) else ("sender", "errors-to"):  # all that majordomo says
        passed_on_by = read_addresses(headers.get(name, ""))
        if passed_on_by and is_list_address(passed_on_by[0].address):
            return f"the list software {passed_on_by[0].address[:80]} passed it on"
    if "list-unsubscribe" in headers and (headers.get("in-reply-to") or headers.get("references")):
        return "it can be unsubscribed from, and answers somebody"
    return ""


def is_list_address(address: str) -> bool:
    """Whether list software reads an address: "users-owner@", "owner-users@", Mailman 2's "users-admin@"."""
    return is_list_machine(address) or address.partition("@")[0].lower().endswith("-admin")
