"""An agent's own words in a mail, apart from what the mail program put around them."""

from __future__ import annotations

from dataclasses import dataclass

from maild.app.prepare import Prepared
from maild.mail.above_marker import only_quotes
from maild.mail.line_ends import mend_line_ends
from maild.mail.sign_offs import sign_off_start
from maild.mail.signatures import signature_start
from maild.tickets.command_lines import plain, read_line
from maild.tickets.command_readers import READERS


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentWords:
    """What an agent typed, and what stands below it each time."""

    text: str
    signature: str = ""
    whole: bool = True  # all of it is the agent's own: no forwarded mail, no further text part
    begins: bool = True  # at least the beginning is
    only_quoted: bool = False  # the mail quotes, and says nothing


def agent_words(prepared: Prepared, name: str) -> AgentWords:
    """The words of an agent who is called `name`; commands are looked for above the signature (MAIL.md §6)."""
    reply, mail, forward = prepared.reply, prepared.mail, prepared.forward
    if reply.only_quoted:
        return AgentWords(text=reply.left, only_quoted=True)
    if only_quotes(reply.text):
        return AgentWords(text="", only_quoted=True)
    # Neither a forwarded mail nor a further text part is the agent's own.
    further = mail.further_text.strip()
    whole = not further and (forward is None or not forward.text.strip())
    if not whole:
        return AgentWords(text=reply.text, whole=False, begins=not further or mail.text.strip() != further)
    text = reply.text if mail.html_only else mend_line_ends(reply.text, mail.html)
    lines = text.split("\n")
    if signature_start(["", *lines]) <= 1:  # a phone's, with nothing above
        return AgentWords(text="")
    last = next((at for at in range(len(lines), 0, -1) if plain(lines[at - 1]) and not is_command(lines[at - 1])), 0)
    start = sign_off_start(lines[:last], name)
    if any(is_command(line) for line in lines[start:last]):  # a signature holds none
        start = last
    own, signature = "\n".join((*lines[:start], "", *lines[last:])).strip(), "\n".join(lines[start:last]).strip()
    return AgentWords(text=own, signature="\n\n".join(filter(None, (signature, reply.signature))))


def is_command(line: str) -> bool:
    """Whether a line of an agent's words is a command, or looks like one."""
    return read_line(line, READERS) is not None
