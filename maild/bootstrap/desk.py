"""Makes the desk of the configuration: who we are, and which policies hold."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from zoneinfo import ZoneInfo

from maild.app.budgets import LARGE_DOMAINS, Budgets
from maild.app.customer_policy import CustomerPolicy
from maild.app.desk import Desk, nothing_to_load
from maild.app.desk_structure import Organisation, Queue
from maild.app.languages import Languages
from maild.app.marks import MarkPolicy
from maild.app.travelling import Travelling
from maild.bootstrap.aftercare import make_aftercare
from maild.bootstrap.desk_lists import Listed, with_directories
from maild.bootstrap.directories import kept_lists, make_finders
from maild.bootstrap.lifecycle import make_lifecycle
from maild.bootstrap.routing import make_branches, make_router
from maild.bootstrap.service_levels import make_agents, make_levels, make_teams
from maild.bootstrap.settings import make_signer
from maild.config.model import Config
from maild.config.roles import make_people, make_roles
from maild.config.values import unique
from maild.language.detector import DETECTOR, MODULE
from maild.mail.authenticity import Trust
from maild.mail.file_policy import FilePolicy
from maild.routing.assignment import NONE
from maild.templates.languages import written_in
from maild.tickets.lifecycle import Status


def make_desk(config: Config, lists: Sequence[Listed] | None = None) -> Desk:
    """Who we are and which policies hold.

    `lists` are what directories say; without them, what they said last to the process that asked them.
    """
    desk = _configured_desk(config)
    if not config.directory:
        return desk
    return with_directories(desk, kept_lists(config) if lists is None else lists)[0]


def left_out(config: Config, lists: Sequence[Listed]) -> tuple[str, ...]:
    """A sentence for every entry of a list that cannot be used."""
    return with_directories(_configured_desk(config), lists)[1] if lists else ()


def _configured_desk(config: Config) -> Desk:
    queues = tuple(
        Queue(
            name=q.name,
            addresses=q.addresses,
            agents=unique(q.agents),
            team=q.team or "",
            internal=q.internal,
            language=q.language or "",
        )
        for q in config.queue
    )
    roles = make_roles(config.role)
    return Desk(
        name=config.desk.name,
        address=config.desk.address,
        signer=make_signer(config),
        queues=queues or (Queue(name="support", addresses=(config.desk.address,)),),
        agents={a.address.lower(): a.name for a in config.agent},
        agent_facts=make_agents(config),
        assign=config.routing.assign or NONE,
        sticky=config.routing.sticky,
        language=config.desk.language,
        zone=ZoneInfo(config.desk.timezone),
        alerts_to=unique(config.desk.alerts_to),
        tag=config.tickets.tag,
        after_answer=Status(config.tickets.after_answer),
        reopen_within=config.tickets.reopen_within,
        trust=Trust(ids=frozenset(config.authenticity.trusted_ids), hops=config.authenticity.hops),
        thanks_reopen=config.tickets.thanks_reopen,
        same_subject_within=config.tickets.same_subject_within,
        organisations=tuple(
            Organisation(
                name=o.name,
                domains=unique(o.domains),
                groups=frozenset(o.groups),
                tags=frozenset(o.tags),
                priority=o.priority or "",
                language=o.language or "",
                zone=ZoneInfo(o.timezone) if o.timezone else None,
                contacts=o.contacts or "",
            )
            for o in config.organisation
        ),
        customers=CustomerPolicy(sees_colleagues=config.customers.see == "organisation"),
        trusted_forms=unique(config.mail.trusted_forms),
        labels=config.tickets.labels,
        attempts=config.worker.attempts,
        retry=config.worker.retry,
        letter_expire=config.send.expire,
        files=file_policy(config),
        budgets=_budgets(config),
        travelling=Travelling(up_to=config.letters.attach_up_to),
        marks=mark_policy(config),
        teams=make_teams(config),
        levels=make_levels(config),
        roles=roles,
        people=make_people(config.agent, roles),
        detect_language=DETECTOR,
        load_language=DETECTOR.load if find_spec(MODULE) is not None else nothing_to_load,
        languages=Languages(
            letters=written_in(config.templates.folder),
            detect=config.templates.detect and find_spec(MODULE) is not None,
        ),
        router=make_router(config),
        aftercare=make_aftercare(config),
        branches=make_branches(config),
        lifecycle=make_lifecycle(config),
        finders=make_finders(config),
        directories={table.name: table.refresh for table in config.directory},
    )


def file_policy(config: Config) -> FilePolicy:
    """Which files are handed out."""
    chosen = config.attachments
    return FilePolicy(
        largest=chosen.largest,
        total=chosen.total,
        extensions=frozenset(extension.lower().lstrip(".") for extension in chosen.refused_extensions),
        types=frozenset(kind.lower() for kind in chosen.refused_types),
        programs=chosen.refuse_programs,
        scanning=config.virus_scan.clamd is not None,
    )


def mark_policy(config: Config) -> MarkPolicy:
    """When an address counts as one that mail does not reach."""
    letters = config.letters
    return MarkPolicy(bounces=letters.bounces, within=letters.bounces_within, lasts=letters.bounced_for)


def _budgets(config: Config) -> Budgets:
    """The limits of [letters]; our own domain is as large as we are."""
    letters = config.letters
    own = {config.desk.address.rpartition("@")[2].lower()}
    return Budgets(
        address_per_10_minutes=letters.address_per_10_minutes,
        address_per_day=letters.address_per_day,
        ticket_per_hour=letters.ticket_per_hour,
        domain_per_hour=letters.domain_per_hour,
        total_per_10_minutes=letters.total_per_10_minutes,
        agent_per_10_minutes=letters.agent_per_10_minutes,
        agent_per_day=letters.agent_per_day,
        notifications_per_5_minutes=letters.notifications_per_5_minutes,
        notifications_per_hour=letters.notifications_per_hour,
        sender_per_day=letters.sender_per_day,
        answers_per_10_minutes=letters.answers_per_10_minutes,
        large_domains=LARGE_DOMAINS.union(own, (domain.lower() for domain in letters.large_domains)),
    )
