"""Lays out what was understood of a mail as plain JSON values, for `maild explain`."""

from __future__ import annotations

from maild.mail.model import Address, Mail, Reply, Verdict


def as_json(mail: Mail, verdict: Verdict, reply: Reply) -> dict[str, object]:
    """The facts of one mail under fixed keys; `json.dumps` takes the result as it is."""
    return {
        "message_id": mail.message_id,
        "subject": mail.subject,
        "from": _address(mail.sender or Address("", "")),
        "to": [_address(each) for each in mail.to],
        "cc": [_address(each) for each in mail.cc],
        "date": mail.date.isoformat() if mail.date else None,
        "text": mail.text,
        "reply": reply.text,
        "cut": reply.cut,
        "attachments": [
            {
                "name": each.name,
                "type": each.type,
                "size": each.size,
                "sha256": each.sha256,
                "inline": each.inline,
            }
            for each in mail.attachments
        ],
        "kind": verdict.kind.value,
        "kind_why": list(verdict.why),
        "acknowledge": verdict.acknowledge,
        "acknowledge_why": verdict.acknowledge_why,
        "failed_recipients": list(verdict.bounce.recipients) if verdict.bounce else [],
        "defects": list(mail.defects),
    }


def _address(address: Address) -> dict[str, str]:
    return {"name": address.name, "address": address.address}
