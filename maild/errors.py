"""The tree of errors that cross a room's border.

    MaildError
    ├── ConfigError      the configuration is wrong; carries every problem at once
    ├── Temporary        may work later: retry, answer 4xx, exit 75
    │   ├── Conflict     somebody else changed the same thing first; run again
    │   └── NoToken      no OAuth2 token is to be had; nobody can log in
    └── Permanent        will never work: give up, answer 5xx, record it
        └── NotKept      what is asked for was erased, or its time was over

Every error has two texts: `public`, one sentence for outsiders without inside details, and the
exception's own text for the log. What nobody foresaw is neither class and counts as temporary
(HOUSE invariant 10).
"""

from __future__ import annotations


class MaildError(Exception):
    """An error that maild itself raises; `public` may be shown to anybody."""

    def __init__(self, text: str, *, public: str = "something went wrong here, please try again later") -> None:
        super().__init__(text)
        self.public = public


class Temporary(MaildError):
    """It may work later."""


class Conflict(Temporary):
    """Another worker changed the same ticket or thread key first; the work is to be run again."""


class NoToken(Temporary):
    """No OAuth2 access token is to be had now; the text says why and holds nothing of one."""


class Permanent(MaildError):
    """It will never work, so trying again is pointless."""


class NotKept(Permanent):
    """What is asked for was erased, or its time was over."""


class ConfigError(MaildError):
    """The configuration cannot be used; `problems` lists every fault, each with file and line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems), public="the configuration is not valid")
        self.problems = problems
