"""A reference of a ticket on the command line."""

from __future__ import annotations

from dataclasses import asdict
from datetime import tzinfo

from maild.app.known import KeptReference
from maild.routing.facts import Fit, Reference

_FITS = {
    Fit.FITS: "fits",
    Fit.UNKNOWN: "unknown",
    Fit.MISMATCH: "of another customer",
    Fit.UNCHECKED: "not checked",
    Fit.STALE: "stale",
}


def says(reference: Reference, *, lost: bool = False) -> str:
    """What the directory says of it, in one line; that it is unknown needs no reason, unless it was known."""
    facts = [f"{name.replace('_', ' ')} {value}" for name, value in reference.facts.items()]
    plain = reference.fit is Fit.FITS or (reference.fit is Fit.UNKNOWN and not lost)
    why = "" if plain else f"; {reference.why}"
    return f"{', '.join([_FITS[reference.fit], *facts])}{why} ({reference.directory})"


def reference_words(kept: KeptReference, zone: tzinfo) -> tuple[str, str]:
    """Its sort, and what is known of it."""
    named = kept.reference
    return (
        named.sort,
        f"{named.key} {says(named, lost=kept.is_lost)}, checked {kept.checked_at.astimezone(zone):%Y-%m-%d %H:%M}",
    )


def reference_json(kept: KeptReference) -> dict[str, object]:
    """The same for programs."""
    named = asdict(kept.reference)
    return named | {"checked_at": kept.checked_at, "fitted_at": kept.fitted_at, "no_longer_fits": kept.is_lost}
