"""How the child hands its answer over: one line of JSON, then the bytes of the files, one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator

from maild.mail.packages import Package, PackedFile


def pack(package: Package) -> Iterator[bytes]:
    """The answer in pieces."""
    head = {
        "text": package.text,
        "html": package.html,
        "defects": package.defects,
        "files": [
            {"name": f.name, "type": f.type, "inline": f.inline, "content_id": f.content_id, "size": len(f.data)}
            for f in package.files
        ],
    }
    yield json.dumps(head).encode() + b"\n"
    for file in package.files:
        yield file.data


def unpack(answer: bytes) -> Package:
    """The package again. Raises ValueError, KeyError or TypeError when it is no answer of ours."""
    line, _, rest = answer.partition(b"\n")
    head = json.loads(line)
    files: list[PackedFile] = []
    at = 0
    for each in head["files"]:
        size = int(each["size"])
        if size < 0 or at + size > len(rest):
            raise ValueError("the answer is cut off")
        files.append(
            PackedFile(
                name=str(each["name"]),
                type=str(each["type"]),
                inline=bool(each["inline"]),
                content_id=str(each["content_id"]),
                data=rest[at : at + size],
            )
        )
        at += size
    return Package(
        text=str(head["text"]),
        html=str(head["html"]),
        defects=tuple(str(each) for each in head["defects"]),
        files=tuple(files),
    )
