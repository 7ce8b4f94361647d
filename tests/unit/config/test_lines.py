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

[[rule]]  # line 23
name = 'it is # no comment'
when = { words = ["a", "]", \'\'\'
x = 1 \'\'\'\'\'], not = { tag = "b" } }
until = 2026-12-31 10:00:00
any = [  # line 28
  { words = [ # with ] in it
    "a",  # line 30
    "b" ] },
  {},
  { "quoted.key".x = 1, y.z = [[], [2]] },  # line 33
]
[[rule.test]]  # line 35
mail = """" and a quote at both ends""""
[[rule.test]]
mail = "a\\"#"  # line 38
[[rule]]
[[rule.test]]  # line 40
[rule.when]
"not".all.tag = "x"  # line 42
'''

CASES: dict[KeyPath, int] = {
    ("a", "inline", "y", 0): 10,
    ("rule", 0, "when", "words", 1): 25,
    ("rule", 0, "when", "words", 2): 25,
    ("rule", 0, "when", "not", "tag"): 26,
    ("rule", 0, "when", "not", 0, "tag", 0): 26,  # a single table and a single value in the place of lists
    ("rule", 0, "when", "not", 1, "tag"): 26,
    ("rule", 0, "until"): 27,
    ("rule", 0, "any"): 28,
    ("rule", 0, "any", 0): 29,
    ("rule", 0, "any", 0, "words", 0): 30,
    ("rule", 0, "any", 0, "words", 1): 31,
    ("rule", 0, "any", 1): 32,
    ("rule", 0, "any", 2, "quoted.key", "x"): 33,
    ("rule", 0, "any", 2, "y", "z", 1, 0): 33,
    ("rule", 0, "test", 0): 35,
    ("rule", 0, "test", 0, "mail"): 36,
    ("rule", 0, "test", 1, "mail"): 38,
    ("rule", 1, "test", 0): 40,
    ("rule", 1, "when", "not", 0, "all", 0, "tag", 0): 42,
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
