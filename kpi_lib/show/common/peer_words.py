"""What a page says of the other partners: exactly inside the company, coarsely to a partner."""

from __future__ import annotations

from kpi_lib.show.common import membership, wording
from kpi_lib.show.common.language import N_, _
from kpi_lib.show.common.numbers import format_count, format_rounded, format_short
from kpi_lib.show.common.slice import Measure, Slice
from kpi_lib.slices.page_types import Standing

FEW = N_(
    "There are not enough partners of the same type with these figures to compare with: "
    "a comparison needs at least five others."
)
TOO_FEW = N_("There are not enough partners to compare with: a comparison needs nine others.")
NOT_YET = N_("Partners are compared with each other when the period is over.")
NONE_FIT = N_(
    "In this period there is no measure by which this partner could be compared with the others "
    "without showing what a single one of them has."
)
NOTE = N_(
    "The band runs from the lower to the upper quartile of the other partners of the same type; "
    "the line in it is their median, the dot is this partner. No other partner is ever named."
)
COARSE_NOTE = {
    "type": N_(
        "The band runs from the lower to the upper quartile of the partners of the same type, this "
        "one among them; the line in it is their median, the dot is this partner."
    ),
    "all": N_(
        "There are fewer than ten partners of the same type, so the comparison is with all "
        "partners, and in shares and days only. The band runs from the lower to the upper quartile "
        "of all of them, this one among them; the line in it is their median, the dot is this "
        "partner."
    ),
}
HOW_COARSE = N_(
    "Each of these figures is the mean of three partners, rounded; a measure by which one of them "
    "could still be derived is left out."
)


def why_none(card: Slice) -> str:
    """Return why a page does not say where its partner stands."""
    if card.stay.is_over:
        return _(membership.OVER)
    if card.is_internal:
        return _(FEW)
    if card.to_date:
        return _(NOT_YET)
    return _(NONE_FIT) if card.peer_group else _(TOO_FEW)


def note(card: Slice) -> list[str]:
    """Return what a reader must know of the bands, a sentence or two each."""
    if card.is_internal or card.peer_group is None:
        return [_(NOTE)]
    return [_(COARSE_NOTE[card.peer_group]), _(HOW_COARSE)]


def figures(measure: Measure, standing: Standing, card: Slice) -> list[str]:
    """Return the quartiles and the median between them as they are said, coarse in few digits."""
    values = [standing.q1, standing.median, standing.q3]
    if standing.is_coarse:
        return format_rounded(values, measure.unit, card.currency, signed=measure.is_growth)
    return wording.said_together(measure, values, card)


def median(measure: Measure, standing: Standing, card: Slice) -> str:
    """Return the median as it is said by itself."""
    if not standing.is_coarse:
        return wording.said(measure, standing.median, card)
    return format_rounded([standing.median], measure.unit, card.currency, signed=measure.is_growth)[
        0
    ]


def share_beaten(standing: Standing) -> str:
    """Return of how many others the partner is ahead, as short as a table needs it."""
    if standing.is_coarse:
        return _("{tenths} in 10", tenths=_tenths(standing))
    return format_short(standing.ahead, "ratio", "")


def place(measure: Measure, standing: Standing) -> str:
    """Return where the partner stands among the others, in words that fit the band beside them."""
    if standing.is_coarse:
        return _coarse_place(_tenths(standing))
    words = {"share": share_beaten(standing), "count": format_count(standing.others or 0)}
    beyond = _beyond_the_band(measure, standing)
    if beyond > 0:
        return _("Ahead of {share} of {count} others (leading quarter)", **words)
    if beyond < 0:
        return _("Ahead of {share} of {count} others (last quarter)", **words)
    return _("Ahead of {share} of {count} others (middle half)", **words)


def band_alt(measure: Measure, standing: Standing, card: Slice) -> str:
    """Return what a band of the others shows."""
    names = ("low", "median", "high")
    words = dict(zip(names, figures(measure, standing, card), strict=True))
    words["value"] = wording.value_of(measure, card)
    if standing.is_coarse:
        return _(
            "The middle half of the group lies between about {low} and {high}, its median is about "
            "{median}; this partner has {value}",
            **words,
        )
    return _(
        "The middle half of the others lies between {low} and {high}, their median is {median}; "
        "this partner has {value}",
        **words,
    )


def _tenths(standing: Standing) -> int:
    return round(10 * standing.ahead)


def _coarse_place(tenths: int) -> str:
    """Return in words how many tenths of the others one is ahead of.

    The first and the last do not learn that nobody is beyond them.
    """
    if tenths <= 1:
        return _("Ahead of about 1 in 10 of the others, or of fewer")
    if tenths >= 9:
        return _("Ahead of about 9 in 10 of the others, or of more")
    return _("Ahead of about {tenths} in 10 of the others", tenths=tenths)


def _beyond_the_band(measure: Measure, standing: Standing) -> int:
    """Return 1 where the value is better than the band from quartile to quartile, -1 if worse."""
    value = measure.value
    if value is None or standing.q1 <= value <= standing.q3:
        return 0
    return 1 if (value > standing.q3) == (measure.better == "higher") else -1
