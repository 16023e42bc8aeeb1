"""What a model of attribution credits to a scope for won deals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.deal_paths import path_of, touches, with_credit_shares
from kpi_lib.engine.relation import EngineFrame, collect
from kpi_lib.engine.scan import as_measured, to_array
from kpi_lib.engine.shares import ADDS, Counted, counted
from kpi_lib.engine.sums import exactly
from kpi_lib.engine.terms.term import CountedTerm

Model = Literal["first_touch", "last_touch", "linear", "time_decay", "position_based"]


@dataclass(frozen=True)
class Credited(CountedTerm):
    """The amounts of deals that a model credits to a scope; they stand on no number of rows."""

    model: Model

    @property
    def adds_up(self) -> bool:
        """Whether it grows through a period: it does."""
        return True

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(frozenset({"deal_id", "closed_on", "amount"}))

    @property
    def key(self) -> tuple[str, ...]:
        """What distinguishes it from other parts."""
        return (*self.rows.key, "credited", self.model)

    @classmethod
    def count(cls, members: Sequence[Credited], cube: Cube) -> Iterator[np.ndarray]:
        """Return the amounts credited, entities x periods, all models of deals in one scan."""
        together: dict[tuple[str, ...], list[Credited]] = {}
        for part in members:
            together.setdefault(part.rows.key, []).append(part)
        frames = {key: _credits(parts, cube) for key, parts in together.items()}
        return (to_array(frames[part.rows.key], part.model, cube.shape) for part in members)

    def counted(self, cell: Cell) -> tuple[Counted, ...]:
        """Return the touchpoints that are credited, and the deals that none has a part in.

        Beside a touchpoint stand the deal's amount and the share of it that is credited.
        """
        scanner = cell.cube.scanner
        deals = scanner.rows(self.rows).filter(nw.col("slot") == cell.slot)
        path = with_credit_shares(path_of(scanner, deals), scanner.half_life_days)
        credited = touches(cell.own(path), share=nw.col(self.model)).filter(pl.col("share") > 0)
        with_path = collect(path.select("deal_id").unique())
        pathless = cell.rows(self.rows).join(with_path, on="deal_id", how="anti")
        worth = pl.col("amount").cast(pl.Float64)
        of_touches = credited.with_columns((pl.col("share") * worth).alias(ADDS))
        of_deals = counted(self.rows, pathless.with_columns(worth.alias(ADDS)))
        return Counted("touchpoints", of_touches), of_deals

    def in_words(self) -> str:
        """Return the amount in words."""
        return f"amount of won deals, credited by {self.model.replace('_', ' ')}"


def _credits(parts: Sequence[Credited], cube: Cube) -> pl.DataFrame:
    """Return index, slot and a column for each model of the same deals: the amount credited."""
    models = list(dict.fromkeys(part.model for part in parts))
    deals = cube.scanner.rows(parts[0].rows)
    path = with_credit_shares(path_of(cube.scanner, deals), cube.scanner.half_life_days)
    worth = nw.col("amount").cast(nw.Float64)
    shares = path.select("partner_id", "slot", **{m: nw.col(m) * worth for m in models})
    pathless = deals.join(path.select("deal_id").unique(), on="deal_id", how="anti")
    whole = pathless.select("partner_id", "slot", **dict.fromkeys(models, worth))
    found = pl.concat(_sums_by_partner(frame, models) for frame in (shares, whole))
    return cube.entities.roll_up(found, ("slot",))


def _sums_by_partner(frame: EngineFrame, models: Sequence[str]) -> pl.DataFrame:
    """Return one row per partner and slot, with the sum credited by each model."""
    exact = exactly(frame, models)
    sums = exact.group_by("partner_id", "slot").agg(*(nw.col(model).sum() for model in models))
    return as_measured(collect(sums.select("partner_id", "slot", *models)), {})
