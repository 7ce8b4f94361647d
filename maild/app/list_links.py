"""Links by which an agent asks for lists of tickets: mails to an address that was made for this agent alone."""

from __future__ import annotations

from maild.app.desk import Desk
from maild.mail.asked_lists import Which
from maild.mail.mailto import mailto


def list_links(agent: str, desk: Desk) -> list[dict[str, str]]:
    """Links by which an agent asks for the lists: {does, href}, in the order in which they are offered."""
    to = list_address(agent, desk)
    return [
        {"does": which.value, "href": mailto(to, subject=which.value)}
        for which in (Which.MINE, Which.UNASSIGNED, Which.AT_RISK, Which.HELP)
    ]


def list_address(agent: str, desk: Desk) -> str:
    """The address by which this agent alone asks for lists."""
    return desk.signer.list_address(desk.queues[0].addresses[0], agent)
