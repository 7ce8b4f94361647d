"""Lays out what was understood of a mail as plain JSON values, for `maild explain`."""

from __future__ import annotations

from maild.mail.invitation_forms import invitation_json
from maild.mail.model import Address, Bounce, Mail, Reply, Verdict


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
                "part": each.part,
            }
            for each in mail.attachments
        ],
        "invitation": invitation_json(mail.invitation) if mail.invitation else None,
        "kind": verdict.kind.value,
        "kind_why": list(verdict.why),
        "acknowledge": verdict.acknowledge,
        "acknowledge_why": verdict.acknowledge_why,
        "failed_recipients": list(verdict.bounce.recipients) if verdict.bounce else [],
        "bounce": _bounce(verdict.bounce) if verdict.bounce else None,
        "away_until": verdict.away_until.isoformat() if verdict.away_until else None,
        "defects": list(mail.defects),
    }


def _bounce(bounce: Bounce) -> dict[str, object]:
    return {
        "permanent": bounce.permanent,
        "status": bounce.status,
        "diagnostic": bounce.diagnostic,
        "returned_message_id": bounce.returned_message_id,
    }


def _address(address: Address) -> dict[str, str]:
    return {"name": address.name, "address": address.address}
