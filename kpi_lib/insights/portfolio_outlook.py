"""What a portfolio page shows of the periods to come, from the outlook of each partner."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_lib.slices.outlook_types import Outlook, Outlooks
from kpi_lib.slices.portfolio_types import PartnerOutlook, PortfolioOutlook


def portfolio_outlook(
    outlooks: Outlooks, names: Mapping[str, str], *, is_whole: bool
) -> PortfolioOutlook:
    """Return what is expected of the partners in `names` (name by id), the most at stake first.

    At stake is what is expected next, weighed with the probability to fade; where none is known,
    the largest stand first. `is_whole`: what is expected of all together is shown too.
    """
    rows = [
        _partner_outlook(partner_id, names[partner_id], of)
        for partner_id, of in outlooks.partners.items()
        if partner_id in names and of.ahead
    ]
    rows.sort(key=lambda row: (-row.stake, -row.value, row.partner_id))
    return PortfolioOutlook(outlooks.whole if is_whole else None, tuple(rows), outlooks.fading)


def _partner_outlook(partner_id: str, name: str, outlook: Outlook) -> PartnerOutlook:
    """Return a partner's next year as the portfolio lists it, with the sales at stake."""
    first, fading, target = outlook.ahead[0], outlook.fading, outlook.target
    return PartnerOutlook(
        partner_id=partner_id,
        partner=name,
        value=first.value,
        low80=first.low80,
        high80=first.high80,
        target_chance=target.chance if target else None,
        fading_chance=fading.chance if fading else None,
        reasons=fading.reasons if fading else (),
        stake=max(first.value, 0.0) * (fading.chance if fading else 0.0),
    )
