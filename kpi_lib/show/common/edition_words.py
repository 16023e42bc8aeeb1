"""What the edition of each audience is called; a test fails where an audience has no words here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kpi_lib.audience import INTERNAL, PARTNER
from kpi_lib.show.common.language import N_


@dataclass(frozen=True)
class EditionWords:
    """An edition's words, before they are translated.

    `title`: above the partner's name. `name`: in a list of facts. `link`: to its page.
    """

    title: str
    name: str
    link: str


EDITION_WORDS: Mapping[str, EditionWords] = {
    PARTNER.name: EditionWords(N_("Partner scorecard"), N_("partner"), N_("For the partner")),
    INTERNAL.name: EditionWords(
        N_("Partner scorecard, internal edition"), N_("internal"), N_("Internal")
    ),
}


def words_of(edition: str) -> EditionWords:
    """Return the words of an edition, as they read now: JupyterLab reloads edited functions."""
    return EDITION_WORDS[edition]
