"""One mail on its way through the rules: what is known of it, and what has been decided so far.

A rule sees what stood in the mail and what the rules above it have set, so the reason code, the types, the
priority, the queue and the tags are those "by now".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cached_property

from maild.ids import plain_address
from maild.routing.codes import Codes
from maild.routing.facts import MailFacts
from maild.routing.found import Found
from maild.routing.named import Named
from maild.routing.priority import importance_of
from maild.routing.reasons import labelled_lines

_NOT_SAID = Named()
_FOLLOWS = ("reason", "case_type", "type", "queue", "priority")
_LONGEST_HOST = 255  # RFC 1035 §2.3.4


class Trial:
    """The state of one mail's routing; made for it alone and thrown away."""

    def __init__(
        self, facts: MailFacts, found: Found, codes: Codes, day: date, is_open: Callable[[str, datetime], bool]
    ) -> None:
        """`day` is the day of arrival in the desk's zone."""
        self.facts, self.found, self.codes, self.day = facts, found, codes, day
        self._is_open = is_open
        self.set: dict[str, Named] = {}  # field of `Then` -> what a rule set, which stays
        self.steps = 0  # of priority
        self.tags: dict[str, None] = {}  # set by rules, in order
        self.notify: dict[str, None] = {}
        self.notes: list[str] = []
        self.webhooks: dict[str, None] = {}
        self._detect()

    def _detect(self) -> None:
        facts, codes = self.facts, self.codes
        lines = labelled_lines(facts.text)
        reason = codes.reason_names.stated(facts.reason, lines, facts)
        type_ = codes.type_names.stated(facts.type, lines, facts)
        case_type = codes.case_type_names.stated(facts.case_type, lines, facts)
        self.stated = {"reason": reason.named, "type": type_.named, "case_type": case_type.named}
        # "Type: printer" is a line of many a form: only of a reason it is worth a remark that it is unknown.
        self.remarks = (reason.remark,) if reason.remark else ()
        if facts.is_reply:
            was = "what the ticket has"
            self.guessed = {
                "reason": Named(facts.ticket_reason, "ticket", was) if facts.ticket_reason else _NOT_SAID,
                "type": Named(facts.ticket_type, "ticket", was) if facts.ticket_type else _NOT_SAID,
                "case_type": Named(facts.ticket_case_type, "ticket", was) if facts.ticket_case_type else _NOT_SAID,
            }
        else:
            self.guessed = {
                "reason": codes.reason_names.by_keywords(self.found),
                "type": codes.type_names.by_keywords(self.found),
                "case_type": codes.case_type_names.by_keywords(self.found),
            }

    def changed(self) -> None:
        """Has to be called when a rule has set something: what follows from it is worked out anew."""
        for name in _FOLLOWS:
            self.__dict__.pop(name, None)

    def said(self, field: str) -> bool:
        """Whether the mail or an agent named a reason, type or case type outright: a rule does not replace that."""
        return bool(self.stated.get(field, _NOT_SAID).value)

    def _named(self, field: str, belonging: Named) -> Named:
        """Outright, by a rule, by what something else brings with it, by keywords."""
        for named in (self.stated[field], self.set.get(field, _NOT_SAID), belonging, self.guessed[field]):
            if named.value:
                return named
        return _NOT_SAID

    @cached_property
    def reason(self) -> Named:
        """The reason code by now."""
        return self._named("reason", _NOT_SAID)

    @cached_property
    def case_type(self) -> Named:
        """The case type by now."""
        return self._named("case_type", self._of_reason("case_type"))

    @cached_property
    def type(self) -> Named:
        """The type by now."""
        belonging = self._of_reason("type")
        if not belonging.value:
            case_type = self.case_type
            sort = self.codes.case_types.get(case_type.value)
            if sort and sort.type and case_type.source != "ticket":
                belonging = Named(sort.type, f"case type {sort.name}", f"of the case type {sort.name}")
        return self._named("type", belonging)

    def _of_reason(self, field: str) -> Named:
        """What the reason brings with it; nothing, when a reply only has its ticket's reason, or says it again."""
        now = self.reason
        reason = self.codes.reasons.get(now.value)
        if reason is None or (self.facts.is_reply and now.value == self.facts.ticket_reason):
            return _NOT_SAID
        value: str = getattr(reason, field)
        return Named(value, f"reason {reason.code}", f"of the reason {reason.code}") if value else _NOT_SAID

    @cached_property
    def queue(self) -> Named:
        """The queue by now."""
        if "queue" in self.set:
            return self.set["queue"]
        source = "ticket" if self.facts.is_reply else "address"
        of_reason = self._of_reason("queue")
        return of_reason if of_reason.value else Named(self.facts.queue, source, self.facts.queue_why)

    @property
    def team(self) -> Named:
        """The team, as far as anything names one; may be BRANCH_MANAGER."""
        return self.set.get("team") or self._of_reason("team")

    @property
    def urgency(self) -> Named:
        """For the matrix."""
        return self.set.get("urgency") or self.codes.weighing.urgency(self.found)

    @property
    def impact(self) -> Named:
        """The same."""
        return self.set.get("impact") or self.codes.weighing.impact(self.found)

    @cached_property
    def priority(self) -> Named:
        """The priority by now, before it is raised or lowered."""
        if "priority" in self.set:
            return self.set["priority"]
        facts, weighing = self.facts, self.codes.weighing
        if facts.is_reply:
            return Named(facts.ticket_priority or weighing.default, "ticket", "what the ticket has")
        return weighing.weigh(
            self.found, self.importance, facts.customer_priority, self.urgency.value, self.impact.value
        )

    @cached_property
    def importance(self) -> tuple[str, str]:
        """What the sender says of it, "high", "low" or "", and in which header."""
        return importance_of(self.facts.headers)

    @cached_property
    def host(self) -> str:
        """The domain of the sender's address, in lower case; "" when there is none."""
        return self.facts.sender.rpartition("@")[2].lower()[:_LONGEST_HOST] if "@" in self.facts.sender else ""

    @cached_property
    def recipients(self) -> tuple[str, ...]:
        """Each recipient as it is written, and without its extension."""
        given = self.facts.recipients
        return tuple(dict.fromkeys(form for each in given for form in (each.lower(), plain_address(each))))

    @cached_property
    def products(self) -> tuple[str, ...]:
        """The products that references name or tell of."""
        return tuple(
            product
            for reference in self.facts.references
            if (product := reference.facts.get("product") or (reference.key if reference.sort == "product" else ""))
        )

    def is_open(self, calendar: str) -> bool:
        """Whether a calendar was open when the mail came."""
        return self._is_open(calendar, self.facts.at)
