"""Asking the machine's resolver: what its answers become. The name server is a thread of the test's own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from maild.authentication.lookups import NoAnswer, resolve

ZONE = {
    ("example.com.", "TXT"): ['"v=spf1 " "-all"', '"other"'],
    ("example.com.", "MX"): ["10 mail.example.com."],
    ("mail.example.com.", "A"): ["192.0.2.1"],
    ("mail.example.com.", "AAAA"): ["2001:db8::1"],
    ("1.2.0.192.in-addr.arpa.", "PTR"): ["mail.example.com."],
    ("empty.example.com.", "TXT"): [],
}


def answer(wire: bytes) -> bytes | None:
    query = dns.message.from_wire(wire)
    [question] = query.question
    name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
    if name == "silent.example.com.":
        return None
    reply = dns.message.make_response(query)
    if name == "broken.example.com.":
        reply.set_rcode(dns.rcode.SERVFAIL)
    elif (name, kind) not in ZONE:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    elif ZONE[name, kind]:
        reply.answer.append(dns.rrset.from_text_list(name, 60, "IN", kind, ZONE[name, kind]))
    return reply.to_wire()


@pytest.fixture(autouse=True)
def name_server() -> Iterator[None]:
    """The only name server of the machine, for the time of a test."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                wire, client = server.recvfrom(4096)
                if wire == b"stop":
                    return
                reply = answer(wire)
                if reply:
                    server.sendto(reply, client)

        thread = threading.Thread(target=serve)
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.getsockname()[1]
        before, dns.resolver.default_resolver = dns.resolver.default_resolver, resolver
        try:
            yield
        finally:
            dns.resolver.default_resolver = before
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.sendto(b"stop", server.getsockname())
            thread.join()


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [
        ("example.com", "TXT", [b"v=spf1 -all", b"other"]),
        ("example.com", "MX", [(10, "mail.example.com")]),
        ("mail.example.com", "A", ["192.0.2.1"]),
        ("mail.example.com", "AAAA", ["2001:db8::1"]),
        ("1.2.0.192.in-addr.arpa", "PTR", ["mail.example.com"]),
        ("empty.example.com", "TXT", []),
        ("nobody.example.com", "TXT", []),
    ],
)
def test_the_records_of_a_name(name: str, kind: str, found: list[object]) -> None:
    assert sorted(resolve(name, kind, 2), key=str) == sorted(found, key=str)


@pytest.mark.parametrize(
    "name", ["broken.example.com", "silent.example.com", "a" * 64 + ".example.com", "a..b", "x" * 300]
)
def test_no_answer_is_not_the_same_as_no_record(name: str) -> None:
    with pytest.raises(NoAnswer):
        resolve(name, "TXT", 0.2)
