"""Makes the policy of how tickets end from the configuration."""

from __future__ import annotations

from maild.config.model import Config
from maild.tickets.lifecycle import Status
from maild.tickets.lifecycle_policy import LifecyclePolicy, Requirement
from maild.tickets.resolutions import BUILT_IN, Resolution, laid_over


def make_lifecycle(config: Config) -> LifecyclePolicy:
    """What [lifecycle], [[requirement]] and [[resolution]] say together."""
    of_all = [Requirement(to=Status(to), fields=fields) for to, fields in config.lifecycle.requires.items()]
    of_some = [
        Requirement(
            to=Status(each.to),
            fields=each.fields,
            queues=frozenset(each.queues),
            types=frozenset(each.types),
            case_types=frozenset(each.case_types),
            priorities=frozenset(each.priorities),
        )
        for each in config.requirement
    ]
    own = [Resolution(code=each.code, label=each.label) for each in config.resolution]
    return LifecyclePolicy(resolutions=laid_over(BUILT_IN, own), requirements=(*of_all, *of_some))
