"""Figures of each partner, and their sums over the partners of every scope."""

from __future__ import annotations

import numpy as np

from kpi_lib.engine.entities import Entities
from kpi_lib.engine.scan import Scanner
from kpi_lib.engine.terms.each_partner import Latest


def latest(scanner: Scanner, entities: Entities, part: Latest) -> np.ndarray:
    """Return each partner's latest value, entities x periods; NaN where it has none."""
    found = scanner.latest(part.rows, part.of, (part.day, *part.order))
    numbered = found.join(entities.numbers, on="partner_id")
    array = np.full((len(entities), len(scanner.calendar.periods)), np.nan)
    index = entities.owners["partner"][numbered["partner"].to_numpy()]
    array[index, numbered["slot"].to_numpy()] = numbered["value"].cast(float).to_numpy()
    return array


def over_partners(of: np.ndarray, given: np.ndarray, entities: Entities) -> np.ndarray:
    """Return the sums of the partners' figures in every scope, of those that have one in `given`.

    A figure that is not told (NaN) is not told of a sum either. Direct business has no partners,
    and no scope has a sum where none of the partners is told its figure.
    """
    own = entities.owners.get("partner", np.full(len(entities.numbers), -1))
    partners = np.flatnonzero(own >= 0)
    figures = np.where(np.isnan(given), 0.0, of)[own[partners]]
    total = np.zeros(of.shape)
    for owners in entities.owners.values():
        mine = owners[partners] >= 0
        np.add.at(total, owners[partners[mine]], figures[mine])
    untold = np.isnan(of[own[partners]]).all(axis=0) & (len(partners) > 0)
    total[:, untold] = np.nan
    total[entities.frame["scope"].to_numpy() == "direct"] = np.nan
    return total
