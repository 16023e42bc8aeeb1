"""Who reads an edition of a scorecard, and what may be shown to them: decided here alone.

A KPI is declared shared or internal; an audience says which of the two it may see. A further
audience, finance say, is one more declaration in AUDIENCES, and its words in
`show/common/edition_words.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kpi_lib.errors import CallError

Disclosure = Literal["shared", "internal"]  # of a KPI, and of a rule of the playbook


@dataclass(frozen=True)
class Audience:
    """The readers of one edition of the pages.

    `name`: of the edition, as parameters and folders have it. `report`: the stem of its page's file
    name. `sees`: what a KPI must be declared as to be shown to them. `is_internal`: they are inside
    the company, so that comparisons are exact and the page is never mailed; others are given none
    of a partner that shares nothing, and coarse comparisons alone. `largest_page`: bytes of HTML.
    """

    name: str
    report: str
    sees: frozenset[Disclosure]
    is_internal: bool
    largest_page: int

    def __str__(self) -> str:
        return self.name

    def may_see(self, disclosure: Disclosure) -> bool:
        """Say whether something that is declared so may be shown to them."""
        return disclosure in self.sees

    def is_given(self, sharing: str | None) -> bool:
        """Say whether an edition is made for them of a partner with that `sharing`."""
        return self.is_internal or sharing != "none"


PARTNER = Audience(
    "partner", "scorecard", frozenset({"shared"}), is_internal=False, largest_page=250_000
)
INTERNAL = Audience(
    "internal",
    "internal",
    frozenset({"shared", "internal"}),
    is_internal=True,
    largest_page=500_000,
)
# By name; a partner's own edition is made before those that stay inside.
AUDIENCES = {audience.name: audience for audience in (PARTNER, INTERNAL)}
EDITIONS = tuple(AUDIENCES)


def audience_of(edition: str) -> Audience:
    """Return the audience of an edition; raise CallError with the editions there are."""
    if edition not in AUDIENCES:
        raise CallError.at(
            "edition", f"{edition!r} is no edition", f"Write {' or '.join(EDITIONS)}."
        )
    return AUDIENCES[edition]
