"""Example facts for the letters that agents get about tickets; those about clocks stand beside."""

from __future__ import annotations

from maild.templates.example_ticket import ABOUT, DESK, GLANCE, MARK, OTHER_ROW, REPLY_TO, ROW, Facts, mailto, only

_TICKET: Facts = {
    **GLANCE,
    **MARK,
    "what": "new ticket",
    "opened_at": "2024-03-04 09:12",
    "text": "It burns, see https://example.org/fire?a=1&b=2.\n\nPlease help.\n\nKim",
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
        {"does": "take", "href": mailto("assign%20me")},
        {"does": "hold", "href": mailto("hold")},
        {"does": "resolve", "href": mailto("resolve%20")},
        {"does": "close", "href": mailto("close%20")},
        {"does": "note", "href": "mailto:help+n17.2f8a3b@example.com"},
    ],
    "list_links": [
        {"does": "mine", "href": "mailto:help+l.7c1d9e@example.com?subject=mine"},
        {"does": "at risk", "href": "mailto:help+l.7c1d9e@example.com?subject=at%20risk"},
    ],
    "task_for": {"tag": "[ACME #16]", "subject": "Smoke in the hall"},
}

FOR_AGENTS: dict[str, Facts] = {
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
        "rows": [ROW, OTHER_ROW],
        "total": 42,
        "page": 1,
        "pages": 3,
        "zone": "Europe/Berlin",
    },
    "help": {
        **DESK,
        "number": "17",
        "commands": [
            {"form": "#assign me|AGENT|TEAM", "does": "gives the ticket to somebody"},
            {"form": "#hold REASON", "does": "waits for the customer"},
        ],
        "your_text": "#help",
    },
    "approval": {
        **GLANCE,
        "asker": "Ada Agent",
        "because": "The customer goes bankrupt tomorrow.",
        "wants": ["close it without a resolution code"],
        "refused": ["closing needs a resolution code"],
        "approve_link": mailto("approve%2042"),
        "deny_link": mailto("deny%2042"),
    },
    "low_rating": {
        **ABOUT,
        **only(GLANCE, "customer_name customer_address assignee history"),
        "stars": 1,
        "comment": "It still burns.",
    },
    "offer": {
        "subject_with_tag": "[ACME Help] Ada Agent is away",
        "desk_name": "ACME Help",
        "who": "Ada Agent",
        "until": "2024-03-15",
        "tickets": [only(row, "tag subject contact priority due href") for row in (ROW, OTHER_ROW)],
        "more": 2,
        "zone": "Europe/Berlin",
    },
    "confirmation": {
        **DESK,
        "number": "17",
        "done": "status is now on hold (waiting for parts)",
        "undo": "#resume",
    },
    "problem": {
        **DESK,
        "number": "17",
        "problem": "There is no command #reslove.",
        "nearest": "#resolve FIRE",
        "your_text": "#reslove FIRE\nThe fire is out.",
    },
    "question": {
        **DESK,
        **MARK,
        "number": "17",
        "why": "uncertain",
        "suggestion": "kim@example.org",
    },
    "digest": {
        "subject_with_tag": "[ACME Help] 17, 18, …",
        "desk_name": "ACME Help",
        "count": 7,
        "tickets": [{**only(row, "tag subject contact"), "mails": 4, "address": REPLY_TO} for row in (ROW, OTHER_ROW)],
        "more": 1,
    },
}
