"""Example facts for every letter, with everything in them that it may show: for previews, checks and the manual."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_Facts = dict[str, Any]

_TAG = "[ACME #17]"
_DESK: _Facts = {"subject_with_tag": f"Printer on fire {_TAG}", "desk_name": "ACME Help"}
_MARK = {"mark": "[t17.2f8a3b]"}
_REPLY_TO = "help+a17.2f8a3b@example.com"


def _mailto(command: str) -> str:
    return f"mailto:{_REPLY_TO}?subject=Printer%20on%20fire%20%5BACME%20%2317%5D&body=%23{command}"


_OF_CUSTOMER: _Facts = {
    **_DESK,
    **_MARK,
    "number": "17",
    "tag": _TAG,
    "greeting_name": "Kim Müller",
    "subject": "Printer on fire",
    "zone": "Europe/Berlin",
}
_RECEIVED: _Facts = {
    **_DESK,
    **_MARK,
    "number": "17",
    "tag": _TAG,
    "opened": "2024-03-04 09:12",
    "greeting_name": "Kim Müller",
    "subject": "Printer on fire",
    "authentic": True,
    "follow_up_of": "3",
    "response_due": "2024-03-04 13:12",
    "response_zone": "Europe/Berlin",
    "asks": ["your order number", "a photo of the printer"],
    "attachments": [
        {"name": "fire.jpg", "size_text": "1.2 MiB", "refused": False},
        {"name": "mend.exe", "size_text": "212 KiB", "refused": True},
    ],
    "order": "SO-123456",
}
_HISTORY = [
    {"who": "Kim Müller", "when": "2024-03-03 17:40", "text": "It smokes.\nIs that normal?"},
    {"who": "Ada Agent", "when": "2024-03-03 18:02", "text": "A little."},
]
_RATINGS = [{"stars": stars, "href": f"mailto:help+r{stars}17.2f8a3b@example.com"} for stars in (5, 4, 3, 2, 1)]
_TICKET: _Facts = {
    **_DESK,
    **_MARK,
    "number": "17",
    "tag": _TAG,
    "what": "new ticket",
    "subject": "Printer on fire",
    "customer_name": "Kim Müller",
    "customer_address": "kim@example.org",
    "status_label": "open",
    "queue": "Hardware",
    "opened_at": "2024-03-04 09:12",
    "text": "It burns, see https://example.org/fire?a=1&b=2.\n\nPlease help.\n\nKim",
    "history": _HISTORY,
    "attachments": [
        {
            "name": "fire.jpg",
            "size_text": "1.2 MiB",
            "type": "image/jpeg",
            "refused": "",
            "attached": True,
            "fetch": "",
        },
        {
            "name": "film.mp4",
            "size_text": "42.0 MiB",
            "type": "video/mp4",
            "refused": "",
            "attached": False,
            "fetch": "maild attachment 17 3",
        },
        {"name": "mend.exe", "size_text": "212 KiB", "type": "application/x-msdownload", "refused": "it is a program"},
    ],
    "invitation": {
        "state": "invited",
        "summary": "Look at the fire",
        "when": "2024-03-05 09:00 - 10:00 CET",
        "repeats": "weekly",
        "location": "Hall 3",
        "organizer": "Kim Müller <kim@example.org>",
        "invited": "help@example.com",
    },
    "warnings": ["The sender's address may be forged: DKIM failed."],
    "note": "The customer rang me, too.",
    "cut_lines": 12,
    "references": [
        {
            "sort": "order",
            "key": "SO-123456",
            "fit": "fits",
            "directory": "orders",
            "details": "customer ACME, shipped 2024-02-11",
            "why": "",
        },
        {"sort": "serial", "key": "X<1>", "fit": "unknown", "directory": "installed", "details": "", "why": ""},
    ],
    "sla": [
        {"clock_label": "first_response", "standing": "failed", "due": "2024-03-04 13:12", "left": "25 min"},
        {
            "clock_label": "next_response",
            "standing": "paused",
            "due": "",
            "left": "2 h",
            "hold_reason": "waiting for parts",
        },
        {"clock_label": "resolution", "standing": "due", "due": "2024-03-05 17:30", "left": "9 h"},
    ],
    "priority": "critical",
    "type": "incident / fire",
    "reason": "DAMAGE (Damage)",
    "team": "Brigade",
    "assignee": "Ada Agent",
    "tags": "hot vip",
    "routed": "queue Hardware: it was sent to help@example.com; priority critical: rule fires",
    "reason_codes": [{"code": "FIRE", "label": "something burns"}, {"code": "OTHER", "label": "anything else"}],
    "zone": "Europe/Berlin",
    "other_tickets": [
        {"tag": "[ACME #12]", "subject": "Paper is wet", "status_label": "on hold", "opened": "2024-02-12 10:00"}
    ],
    "more_tickets": 3,
    "similar": [
        {
            "tag": "[ACME #9]",
            "subject": "Scanner on fire",
            "resolution": "The fan was dusty: it was cleaned.",
            "opened": "2024-01-09 08:30",
        }
    ],
    "links": [
        {"does": "take", "href": _mailto("assign%20me")},
        {"does": "hold", "href": _mailto("hold")},
        {"does": "resolve", "href": _mailto("resolve%20")},
        {"does": "close", "href": _mailto("close%20")},
        {"does": "note", "href": "mailto:help+n17.2f8a3b@example.com"},
    ],
    "list_links": [
        {"does": "mine", "href": "mailto:help+l.7c1d9e@example.com?subject=mine"},
        {"does": "at risk", "href": "mailto:help+l.7c1d9e@example.com?subject=at%20risk"},
    ],
    "task_for": {"tag": "[ACME #16]", "subject": "Smoke in the hall"},
}
_CLOCK: _Facts = {
    **_DESK,
    **_MARK,
    "number": "17",
    "tag": _TAG,
    "subject": "Printer on fire",
    "customer_name": "Kim Müller",
    "customer_address": "kim@example.org",
    "status_label": "open",
    "queue": "Hardware",
    "priority": "high",
    "assignee": "Ada Agent",
    "clock_label": "first_response",
    "used_percent": 90,
    "used": "3 h 36 min",
    "left": "24 min",
    "due": "2024-03-04 14:42",
    "zone": "Europe/Berlin",
    "started": "2024-03-04 09:12",
    "policy": "standard",
    "calendar": "office",
    "hold_reason": "waiting for parts",
    "history": _HISTORY,
    "others": [{"clock_label": "resolution", "standing": "due", "due": "2024-03-05 17:30", "left": "9 h"}],
}
_OVER = {"used_percent": 110, "used": "4 h 24 min", "left": "24 min"}
_ROW: _Facts = {
    "tag": _TAG,
    "subject": "Printer on fire",
    "contact": "kim@example.org",
    "status_label": "open",
    "priority": "high",
    "assignee": "Ada Agent",
    "opened": "2024-03-04 09:12",
    "standing": "due",
    "due": "2024-03-04 14:42",
    "href": _mailto("show"),
}
_OTHER_ROW = {**_ROW, "tag": "[ACME #18]", "subject": "Printer <wet>", "contact": "lee@example.org", "assignee": ""}


def _of(row: _Facts, names: str) -> _Facts:
    return {name: row[name] for name in names.split()}


EXAMPLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "acknowledgement": {**_RECEIVED, "summary": "It burns.\nPlease help."},
        "missing_information": _RECEIVED,
        "rejection": {
            "subject_with_tag": "Re: Printer on fire",
            "desk_name": "ACME Help",
            "text": "Fires are for the fire brigade.\nPlease call 112.",
            "subject": "Printer on fire",
        },
        "waiting": {**_OF_CUSTOMER, "text": "Please send us a photo of the printer."},
        "follow_up": {
            **_OF_CUSTOMER,
            "count": 2,
            "asked_at": "2024-03-04 15:10",
            "text": "Please send us a photo of the printer.",
            "closes_at": "2024-03-18 15:10",
        },
        "resolution": {
            **_OF_CUSTOMER,
            "code": "resolved",
            "text": "We have sent you a new printer.",
            "yes_link": "mailto:help+y17.2f8a3b@example.com",
            "no_link": "mailto:help+x17.2f8a3b@example.com",
            "closes_at": "2024-03-18 15:10",
        },
        "closing": {
            **_OF_CUSTOMER,
            "why": "no_answer",
            "code": "no answer",
            "text": "We close this, as we have not heard from you.",
            "reopen_until": "2024-04-03 15:10",
            "rating_links": _RATINGS,
        },
        "feedback": {**_OF_CUSTOMER, "count": 1, "rating_links": _RATINGS},
        "customer_status": {
            "subject_with_tag": "Your open tickets at ACME Help",
            "desk_name": "ACME Help",
            "greeting_name": "Kim Müller",
            "tickets": [
                _of(row, "tag subject status_label opened due href") for row in (_ROW, {**_OTHER_ROW, "due": ""})
            ],
            "more": 3,
            "zone": "Europe/Berlin",
        },
        "receipt": {**_OF_CUSTOMER, "done": "rated", "text": "The ticket was closed too long ago.", "stars": 4},
        "notification": _TICKET,
        "assignment": {**_TICKET, "what": "assigned to you"},
        "ticket": {
            **_TICKET,
            "timeline": [
                {"when": "2024-03-04 09:12", "who": "Kim Müller", "what": "opened", "text": ""},
                {"when": "2024-03-04 09:40", "who": "Ada Agent", "what": "note", "text": "Bring water."},
            ],
        },
        "list": {
            "subject_with_tag": "mine (page 1 of 3)",
            "desk_name": "ACME Help",
            "title": "mine",
            "rows": [_ROW, _OTHER_ROW],
            "total": 42,
            "page": 1,
            "pages": 3,
            "zone": "Europe/Berlin",
        },
        "help": {
            **_DESK,
            "number": "17",
            "commands": [
                {"form": "#assign me|AGENT|TEAM", "does": "gives the ticket to somebody"},
                {"form": "#hold REASON", "does": "waits for the customer"},
            ],
            "your_text": "#help",
        },
        "approval": {
            **_of(
                _CLOCK,
                "subject_with_tag desk_name number tag subject customer_name customer_address status_label queue "
                "priority assignee history",
            ),
            "asker": "Ada Agent",
            "because": "The customer goes bankrupt tomorrow.",
            "wants": ["close it without a resolution code"],
            "refused": ["closing needs a resolution code"],
            "approve_link": _mailto("approve%2042"),
            "deny_link": _mailto("deny%2042"),
        },
        "low_rating": {
            **_of(
                _CLOCK,
                "subject_with_tag desk_name number tag subject customer_name customer_address assignee history",
            ),
            "stars": 1,
            "comment": "It still burns.",
        },
        "offer": {
            "subject_with_tag": "[ACME Help] Ada Agent is away",
            "desk_name": "ACME Help",
            "who": "Ada Agent",
            "until": "2024-03-15",
            "tickets": [_of(row, "tag subject contact priority due href") for row in (_ROW, _OTHER_ROW)],
            "more": 2,
            "zone": "Europe/Berlin",
        },
        "answer": {
            **_MARK,
            "subject_with_tag": f"Re: Printer on fire {_TAG}",
            "desk_name": "ACME Help",
            "number": "17",
            "agent_name": "Ada Agent",
            "text": "Dear Kim,\n\nuse the extinguisher <now>.\n",
            "html": "<p>Dear Kim,</p><p>use the extinguisher &lt;now&gt;.</p>",
            "quoted": {"who": "Kim Müller", "when": "2024-03-04 09:12", "text": "It burns.\n\nPlease help."},
            "yes_link": "mailto:help+y17.2f8a3b@example.com",
            "no_link": "mailto:help+x17.2f8a3b@example.com",
        },
        "confirmation": {
            **_DESK,
            "number": "17",
            "done": "status is now on hold (waiting for parts)",
            "undo": "#resume",
        },
        "problem": {
            **_DESK,
            "number": "17",
            "problem": "There is no command #reslove.",
            "nearest": "#resolve FIRE",
            "your_text": "#reslove FIRE\nThe fire is out.",
        },
        "question": {
            **_DESK,
            **_MARK,
            "number": "17",
            "why": "uncertain",
            "suggestion": "kim@example.org",
        },
        "digest": {
            "subject_with_tag": "[ACME Help] 17, 18, …",
            "desk_name": "ACME Help",
            "count": 7,
            "tickets": [
                {**_of(row, "tag subject contact"), "mails": 4, "address": _REPLY_TO} for row in (_ROW, _OTHER_ROW)
            ],
            "more": 1,
        },
        "at_risk": _CLOCK,
        "breach": {**_CLOCK, **_OVER, "assignee": ""},
        "escalation": {
            **_CLOCK,
            **_OVER,
            "clock_label": "resolution",
            "others": [
                {"clock_label": "first_response", "standing": "failed", "due": "2024-03-04 10:12", "left": "4 h"}
            ],
            "rule": "vip waits",
            "why": "",
            "by": "",
            "actions": [
                {"what": "assigned", "value": "Mia Manager"},
                {"what": "priority", "value": "critical"},
                {"what": "task", "value": "[ACME #19]"},
            ],
            "blocker": "",
            "owner": "Ada Agent",
            "eta": "",
        },
        "sla_digest": {
            "subject_with_tag": "[ACME Help] 17, 18",
            "desk_name": "ACME Help",
            "count": 3,
            "tickets": [
                {
                    **_of(_ROW, "tag subject contact due"),
                    "clock_label": "first_response",
                    "used_percent": 90,
                    "breached": False,
                    "address": _REPLY_TO,
                },
                {
                    **_of(_OTHER_ROW, "tag subject contact"),
                    "clock_label": "resolution",
                    "used_percent": 104,
                    "due": "2024-03-04 13:00",
                    "breached": True,
                    "address": "",
                },
            ],
            "more": 1,
            "zone": "Europe/Berlin",
        },
        "alert": {
            "subject_with_tag": "[maild] A mail is in quarantine (inbox 4711)",
            "headline": "A mail is in quarantine (inbox 4711)",
            "lines": [["Inbox", "4711"], ["Arrived", "2024-03-04 09:12"], ["Why", "ValueError: bad"]],
            "advice": "It is kept whole and holds nothing up. Look at it and decide:",
            "command": "maild quarantine show 4711",
        },
    }
)
