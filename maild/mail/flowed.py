"""Joins the lines of format=flowed text back into paragraphs (RFC 3676)."""

from __future__ import annotations


def unflow(text: str, *, delete_space: bool) -> str:
    """The text with soft line breaks undone; quote marks are kept, once per paragraph.

    `delete_space` is the parameter delsp=yes, used for scripts without blanks between words.
    """
    out: list[str] = []
    paragraph: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        if content.startswith(" "):  # stuffed, RFC 3676 §4.4
            content = content[1:]
        # A change of depth ends a paragraph even after a soft break (§4.5); so does a signature (§4.3).
        if paragraph and (depth != open_depth or content == "-- "):
            out.append(_line(open_depth, paragraph))
            paragraph = []
        open_depth = depth
        if content.endswith(" ") and content != "-- ":
            paragraph.append(content[:-1] if delete_space else content)
            continue
        paragraph.append(content)
        out.append(_line(depth, paragraph))
        paragraph = []
    if paragraph:
        out.append(_line(open_depth, paragraph))
    return "\n".join(out)


def _line(depth: int, paragraph: list[str]) -> str:
    text = "".join(paragraph)
    return f"{'>' * depth} {text}" if depth else text
