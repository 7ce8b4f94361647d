"""A catalogue made ready: its reasons, types, case types and priorities, and what they look for."""

from __future__ import annotations

from maild.routing.catalogue import Catalogue
from maild.routing.found import Wanted
from maild.routing.priority import Weighing
from maild.routing.reasons import CASE_TYPE_LINE, REASON_LINE, TYPE_LINE, Names


class Codes:
    """One catalogue, for many mails."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.reasons = {reason.code: reason for reason in catalogue.reasons}
        self.case_types = {case.name: case for case in catalogue.case_types}
        self.reason_names = Names(
            "reason code",
            REASON_LINE,
            catalogue.reason_header.lower(),
            ((reason.code, reason.label, reason.keywords) for reason in catalogue.reasons),
        )
        self.type_names = Names(
            "type",
            TYPE_LINE,
            catalogue.type_header.lower(),
            ((sort.name, sort.label, sort.keywords) for sort in catalogue.types),
        )
        self.case_type_names = Names(
            "case type",
            CASE_TYPE_LINE,
            catalogue.type_header.lower(),
            ((sort.name, sort.label, sort.keywords) for sort in catalogue.case_types),
        )
        self.weighing = Weighing(catalogue.priorities)

    @property
    def wanted(self) -> Wanted:
        """Every keyword of the catalogue."""
        names = self.reason_names.words | self.type_names.words | self.case_type_names.words
        return Wanted(names | self.weighing.words)
