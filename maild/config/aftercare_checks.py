"""Checks of [aftercare] and [feedback]: queues with a policy of their own exist, each once; codes exist."""

from __future__ import annotations

from maild.config.aftercare_tables import AftercareTable, FeedbackTable
from maild.config.level_names import Names, Sections, each_of
from maild.config.lifecycle_tables import Resolution
from maild.config.problems import Problems
from maild.tickets.resolutions import BUILT_IN


def check_aftercare(sections: Sections, names: Names, problems: Problems) -> None:
    """Note every fault; paths are absolute."""
    for path, table in each_of(sections, AftercareTable):
        seen: set[str] = set()
        for i, own in enumerate(table.queue):
            where = (*path, "queue", i, "name")
            names.one(where, "queue", own.name, names.queues, problems)
            if own.name in seen:
                problems.add(where, f"queue {own.name!r} has a policy above; write one for each queue")
            seen.add(own.name)
    own_codes = {resolution.code for _, resolution in each_of(sections, Resolution)}
    for path, feedback in each_of(sections, FeedbackTable):
        if "not_for" in feedback.model_fields_set:  # the default names a code that a site may have
            for i, code in enumerate(feedback.not_for):
                known = own_codes | {each.code for each in BUILT_IN} | {"spam"}
                names.one((*path, "not_for", i), "resolution code", code, known, problems)
