"""Whether rules are kept: checks, and what went wrong."""

from __future__ import annotations

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic import chance
from kpi_lib.examples.synthetic.blueprint import Plan
from kpi_lib.examples.synthetic.days import NEVER, events, months_of, plans
from kpi_lib.examples.synthetic.writing import ids, words

KINDS = ("contract", "regulatory", "safety", "quality", "data_protection")
SEVERITIES = ("low", "medium", "high")
CHECKS = 1.7  # of a partner in a month
UNRESOLVED = 0.06


def compliance_checks_table(plan: Plan) -> pl.DataFrame:
    """Return the table compliance_checks."""
    rng = plan.company.rng("compliance checks")
    owner, day = chance.happenings(rng, CHECKS * plan.company.engaged)
    likely = np.clip(plan.levers["compliance"][owner, months_of(day)], 0.05, 0.995)
    passed = chance.chosen(rng, likely)
    return pl.DataFrame(
        {
            "check_id": ids("G", np.arange(len(owner))),
            "partner_id": plan.company.id_of(owner),
            "kind": words(KINDS, chance.pick(rng, len(owner), [3, 3, 2, 2, 1])),
            "checked_on": plans(day),
            "passed": pl.Series(passed),
        }
    )


def incidents_table(plan: Plan) -> pl.DataFrame:
    """Return the table incidents; the severe ones take longer to resolve, some are still open."""
    rng = plan.company.rng("incidents")
    n = plan.company.n
    owner, day = chance.happenings(rng, plan.levers["incidents"][:n] * plan.company.engaged)
    severity = chance.pick(rng, len(owner), [6, 3, 1])
    takes = chance.lasting(rng, np.array([9.0, 18.0, 34.0])[severity], 0.5)
    resolved = np.where(chance.chosen(rng, np.full(len(owner), UNRESOLVED)), NEVER, day + takes)
    return pl.DataFrame(
        {
            "incident_id": ids("I", np.arange(len(owner))),
            "partner_id": plan.company.id_of(owner),
            "severity": words(SEVERITIES, severity),
            "occurred_on": plans(day),
            "resolved_on": events(resolved),
        }
    )
