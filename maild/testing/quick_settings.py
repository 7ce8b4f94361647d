"""The configuration of a desk that tests run: patient with load, and quick where an installation waits for minutes."""

from __future__ import annotations

from maild.testing.servers.daemon import HOST

# Short waits, so that tests of what comes back after a while take seconds; room for load from one address.
_QUICK = """
[[receiver]]
listen = "{host}:{port}"

[send]
kind = "smtp"
host = "{host}"
port = {relay}
security = "none"
timeout = "5s"
retry = ["1s"]

[worker]
broker = "{broker}"
retry = ["1s"]
sweep = "1s"
attempts = {attempts}

[limits]
free_disk = "1 MiB"
connections_per_ip = 100
messages = 10000

[letters]
address_per_10_minutes = {budget}
address_per_day = {budget}
ticket_per_hour = {budget}
domain_per_hour = {budget}
total_per_10_minutes = {budget}
agent_per_10_minutes = {budget}
agent_per_day = {budget}
notifications_per_5_minutes = {budget}
notifications_per_hour = {budget}
sender_per_day = {budget}
answers_per_10_minutes = {budget}

[store]
url = "{store}"
"""


def quick_settings(settings: str, *, port: int, relay: int, broker: str, store: str, budget: int, attempts: int) -> str:
    """The lines that go below `settings`: a door at `port`, a relay at `relay` and short waits.

    `budget` is how many automatic letters there may be by every limit; a mail that fails `attempts` times is set aside.
    """
    quick = _QUICK.format(
        host=HOST, port=port, relay=relay, broker=broker, store=store, budget=budget, attempts=attempts
    )
    if "[templates]" not in settings:  # the model of languages takes a second to load, and 40 MB
        quick += "\n[templates]\ndetect = false\n"
    if "[monitoring]" not in settings:  # a full disk is no test's business
        quick += '\n[monitoring]\nfree_disk = "1 MiB"\n'
    return quick
