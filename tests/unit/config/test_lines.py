"""Where a key stands in a TOML file."""

from __future__ import annotations

import pytest

from maild.config.lines import KeyPath, Lines

TEXT = '''\
top = 1  # line 1

[a]  # line 3
"quoted key" = """
[not.a.table]
key = 1
"""
dotted.key = 2  # line 8
inline = { x = 1, y = [
  1,
] }  # began in line 9

[[list]]  # line 13
k = 1
[list.sub]
k = 2
[[list]]  # line 17
k = 3
["b.c".d]  # line 19
k = "\u2028"
last = 1  # line 21
'''

CASES: dict[KeyPath, int] = {
    ("top",): 1,
    ("a",): 3,
    ("a", "quoted key"): 4,
    ("a", "dotted", "key"): 8,
    ("a", "inline", "y"): 9,
    ("list",): 13,
    ("list", 0): 13,
    ("list", 0, "k"): 14,
    ("list", 0, "sub", "k"): 16,
    ("list", 1): 17,
    ("list", 1, "k"): 18,
    ("b.c", "d"): 19,
    ("b.c", "d", "last"): 21,  # U+2028 is no line break of TOML
    ("a", "not there"): 3,  # the table around it
    ("not there", "at all"): 1,
    ("not", "key"): 1,  # inside a text
}


@pytest.mark.parametrize(("path", "line"), CASES.items(), ids=map(repr, CASES))
def test_a_key_has_its_line(path: KeyPath, line: int) -> None:
    assert Lines(TEXT).of(path) == line
