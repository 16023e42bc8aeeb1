"""What a portfolio page is told of the periods to come, from what models say of each partner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpi_lib.models.sales import WHOLE

Told = dict[str, Any]


def told_of(outlook: Mapping[str, Told], names: Mapping[str, str], *, whole: bool) -> Told:
    """Return what a portfolio page is told: of these partners (id: name), the most at stake first.

    At stake is what is expected next, weighed with the probability to fade; where none is known,
    the largest stand first. `whole`: whether it is told of all partners together too.
    """
    rows = [
        _row(partner_id, names[partner_id], told)
        for partner_id, told in outlook.items()
        if partner_id in names and told["ahead"]
    ]
    rows.sort(key=lambda row: (-row["stake"], -row["value"], row["partner_id"]))
    every = outlook.get(WHOLE)
    nothing = {"why": "no partner has sold yet", "way": "", "tests": []}
    return {
        "whole": every if whole else None,
        "partners": rows,
        "fading": every["fading"] if every else nothing,
    }


def _row(partner_id: str, name: str, told: Told) -> Told:
    first, fading, target = told["ahead"][0], told["fading"], told["target"]
    chance = fading["chance"] if fading else None
    return {
        "partner_id": partner_id,
        "partner": name,
        **{figure: first[figure] for figure in ("value", "low80", "high80")},
        "target_chance": target["chance"] if target else None,
        "fading_chance": chance,
        "reasons": fading["reasons"] if fading else [],
        "stake": max(first["value"], 0.0) * (chance or 0.0),
    }
