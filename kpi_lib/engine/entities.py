"""Who a row of the KPI table speaks for: partners, their roll-ups, direct business, the company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from kpi_lib.engine.calendar import Calendar, day_number
from kpi_lib.engine.scopes import ATTRIBUTES, UNDIVIDED
from kpi_lib.engine.sums import add_up


@dataclass(frozen=True)
class Entities:
    """`frame`: one row per entity: index, scope, entity, has_row, and a partner's own columns.

    `membership`: one row per partner_id and entity that its rows count in; a null partner_id counts
    in direct and company. Partners that have not joined yet have no row of their own (`has_row`),
    and count in the roll-ups all the same: membership never filters a row. `numbers`: partner_id
    and the number that stands for it. `owners`: for each scope, the entity's index by a partner's
    number, -1 where the scope has none for it.
    """

    frame: pl.DataFrame
    membership: pl.DataFrame
    numbers: pl.DataFrame
    owners: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def joined(self) -> pl.DataFrame:
        """One row for each partner that has rows, with its own columns; dates as day numbers."""
        own = self.frame.filter((pl.col("scope") == "partner") & pl.col("has_row"))
        return own.drop("index", "scope", "entity", "has_row")

    @property
    def to_come(self) -> dict[str, date]:
        """The day on which each partner joins that has not joined yet, by its id."""
        later = self.frame.filter((pl.col("scope") == "partner") & ~pl.col("has_row"))
        days = later.select("entity", pl.col("joined_on").cast(pl.Date))
        return dict(days.iter_rows())

    def index_of(self, scope: str, entity: str | None = None) -> int:
        """Return the index of an entity; of a whole scope's only one where none is named."""
        wanted = (pl.col("scope") == scope) & (pl.col("entity") == (entity or scope))
        return int(self.frame.filter(wanted)["index"][0])

    def roll_up(self, frame: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
        """Add up the columns of `frame` (grain: partner_id and `by`) to entities.

        Returns index, `by` and the sums: one row per entity and `by`.
        """
        joined = frame.join(self.membership, on="partner_id", nulls_equal=True)
        return add_up(joined.drop("partner_id"), ("index", *by))


def list_entities(partners: pl.DataFrame, calendar: Calendar) -> Entities:
    """Return the entities of a run: partners, their roll-ups, direct business and the company.

    `partners` is the table partners with dates as day numbers. A value of a column that only
    partners have who join later is no roll-up yet.
    """
    joined = pl.col("joined_on") <= day_number(calendar.as_of)
    of_partners = partners.sort("partner_id").with_columns(
        scope=pl.lit("partner"), entity="partner_id", has_row=joined
    )
    present = [name for name in ATTRIBUTES if name in partners.columns]
    roll_ups = [_values(partners.filter(joined), name) for name in present]
    whole = pl.DataFrame({"scope": UNDIVIDED, "entity": UNDIVIDED})
    frame = pl.concat([of_partners, *roll_ups, whole], how="diagonal").with_row_index("index")
    frame = frame.with_columns(pl.col("has_row").fill_null(True))
    membership = _membership_frame(partners, frame, present)
    # In the order of their ids: sums over partners come out alike however the rows lie.
    ids = pl.concat([of_partners.select("partner_id"), pl.DataFrame({"partner_id": [None]})])
    numbers = ids.with_row_index("partner")
    return Entities(frame, membership, numbers, _entity_by_partner(frame, membership, numbers))


def _entity_by_partner(
    frame: pl.DataFrame, membership: pl.DataFrame, numbers: pl.DataFrame
) -> dict[str, np.ndarray]:
    """Return by scope the number of the entity that each partner belongs to; -1: to none."""
    numbered = membership.join(numbers, on="partner_id", nulls_equal=True)
    scopes = numbered.join(frame.select("index", "scope"), on="index")
    owners = {}
    for key, rows in scopes.partition_by("scope", as_dict=True).items():
        owner = np.full(len(numbers), -1)
        owner[rows["partner"].to_numpy()] = rows["index"].to_numpy()
        owners[str(key[0])] = owner
    return owners


def _values(partners: pl.DataFrame, attribute: str) -> pl.DataFrame:
    values = partners[attribute].drop_nulls().unique().sort()
    return pl.DataFrame({"entity": values}).with_columns(scope=pl.lit(attribute))


def _membership_frame(
    partners: pl.DataFrame, frame: pl.DataFrame, present: list[str]
) -> pl.DataFrame:
    """Return one row per partner and entity that it belongs to (`index`); null: direct business."""
    named = partners.select("partner_id", *present).with_columns(
        partner="partner_id", portfolio=pl.lit("portfolio"), company=pl.lit("company")
    )
    nobody = pl.DataFrame(
        {"partner_id": [None], "direct": ["direct"], "company": ["company"]},
        schema_overrides={"partner_id": pl.String},
    )
    long = [
        table.unpivot(index="partner_id", variable_name="scope", value_name="entity")
        for table in (named, nobody)
    ]
    known = frame.select("scope", "entity", "index")
    return pl.concat(long).join(known, on=["scope", "entity"]).select("partner_id", "index")
