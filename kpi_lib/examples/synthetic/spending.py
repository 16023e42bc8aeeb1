"""What the partnerships cost, what direct selling costs, and what is saved together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic import chance
from kpi_lib.examples.synthetic.blueprint import RATE_DIGITS, Plan
from kpi_lib.examples.synthetic.days import STARTS, months_of, plans
from kpi_lib.examples.synthetic.writing import cents, ids, repeated, words

CATEGORIES = (
    *("partner_management", "mdf", "enablement", "tools", "marketing", "acquisition"),
    *("commission", "rebate", "operations"),
)
# What part of the spending falls into which category: of a partner, of the programme, of direct.
SHARES = {
    "partner": (0.24, 0.14, 0.10, 0.0, 0.10, 0.10, 0.14, 0.12, 0.06),
    "programme": (0.5, 0.0, 0.1, 0.4, 0.0, 0.0, 0.0, 0.0, 0.0),
    "direct": (0.0, 0.0, 0.0, 0.1, 0.34, 0.32, 0.16, 0.0, 0.08),
}
PROGRAMME = 0.006  # of all partners' revenue, spent on the programme as a whole

SAVINGS = ("marketing", "co_development", "procurement", "operations", "support")
SAVED_BY_TYPE: Mapping[str, float] = {
    "strategic_alliance": 0.012,
    "joint_venture": 0.015,
    "supplier": 0.014,
    "distribution": 0.006,
    "technology": 0.008,
}
USUALLY_SAVED = 0.003


def costs_table(plan: Plan) -> pl.DataFrame:
    """Return the table costs: a row for each owner, month and category that has any."""
    n = plan.company.n
    spent = plan.pace * plan.levers["cost"]
    whole = plan.pace[:n].sum(axis=0, keepdims=True) * PROGRAMME
    parts = [
        _spread(plan, "partner", spent[:n], np.arange(n)),
        _spread(plan, "programme", whole, np.array([n])),
        _spread(plan, "direct", spent[n:], np.array([n])),
    ]
    rows = pl.concat(parts).sort("incurred_on", maintain_order=True)
    return rows.with_columns(ids("K", np.arange(rows.height), 7).alias("cost_id"))


def _spread(plan: Plan, purpose: str, spent: np.ndarray, owners: np.ndarray) -> pl.DataFrame:
    """Return the spending of owners by month, spread over the categories."""
    rng = plan.company.rng(f"costs {purpose}")
    amount = spent[:, :, None] * np.array(SHARES[purpose])
    amount *= chance.skewed(rng, amount.size, 0.25).reshape(amount.shape)
    place, month, category = np.nonzero(amount >= 1)
    owner = owners[place]
    rate = plan.rate[owner, month] / RATE_DIGITS
    day = STARTS[month] + (rng.random(len(owner)) * 28).astype(np.int64)
    return pl.DataFrame(
        {
            "partner_id": plan.company.id_of(owner),
            "channel": repeated("direct" if purpose == "direct" else "partner", len(owner)),
            "category": words(CATEGORIES, category),
            "incurred_on": plans(day),
            "amount": cents(np.rint(amount[place, month, category] / rate * 100)),
            "currency": plan.currency_of(owner),
        }
    )


def savings_table(plan: Plan) -> pl.DataFrame:
    """Return the table savings: about one in two months of each partner."""
    rng = plan.company.rng("savings")
    n = plan.company.n
    share = np.array([SAVED_BY_TYPE.get(kind, USUALLY_SAVED) for kind in plan.company.kinds[:n]])
    owner, day = chance.happenings(rng, 0.7 * plan.company.active[:n])
    month = months_of(day)
    euros = plan.pace[owner, month] * share[owner] * 1.4 * chance.skewed(rng, len(owner), 0.5)
    cut = np.rint(euros / (plan.rate[owner, month] / RATE_DIGITS) * 100)
    kept = np.flatnonzero(cut >= 1000)
    kept = kept[np.argsort(day[kept], kind="stable")]
    owner = owner[kept]
    return pl.DataFrame(
        {
            "saving_id": ids("V", np.arange(len(kept))),
            "partner_id": plan.company.id_of(owner),
            "category": words(SAVINGS, chance.pick(rng, len(kept), [2, 2, 3, 3, 2])),
            "realised_on": plans(day[kept]),
            "amount": cents(cut[kept]),
            "currency": plan.currency_of(owner),
        }
    )
