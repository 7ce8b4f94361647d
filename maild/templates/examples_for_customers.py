"""Example facts for the letters that customers get."""

from __future__ import annotations

from maild.templates.example_ticket import ABOUT, MARK, OTHER_ROW, ROW, TAG, Facts, only

_OF_CUSTOMER: Facts = {
    **ABOUT,
    **MARK,
    "greeting_name": "Kim Müller",
    "zone": "Europe/Berlin",
}
_RECEIVED: Facts = {
    **ABOUT,
    **MARK,
    "opened": "2024-03-04 09:12",
    "greeting_name": "Kim Müller",
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
_RATINGS = [{"stars": stars, "href": f"mailto:help+r{stars}17.2f8a3b@example.com"} for stars in (5, 4, 3, 2, 1)]

FOR_CUSTOMERS: dict[str, Facts] = {
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
        "tickets": [only(row, "tag subject status_label opened due href") for row in (ROW, {**OTHER_ROW, "due": ""})],
        "more": 3,
        "zone": "Europe/Berlin",
    },
    "receipt": {**_OF_CUSTOMER, "done": "rated", "text": "The ticket was closed too long ago.", "stars": 4},
    "answer": {
        **MARK,
        "subject_with_tag": f"Re: Printer on fire {TAG}",
        "desk_name": "ACME Help",
        "number": "17",
        "agent_name": "Ada Agent",
        "text": "Dear Kim,\n\nuse the extinguisher <now>.\n",
        "html": "<p>Dear Kim,</p><p>use the extinguisher &lt;now&gt;.</p>",
        "quoted": {"who": "Kim Müller", "when": "2024-03-04 09:12", "text": "It burns.\n\nPlease help."},
        "yes_link": "mailto:help+y17.2f8a3b@example.com",
        "no_link": "mailto:help+x17.2f8a3b@example.com",
    },
}
