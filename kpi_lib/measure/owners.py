"""Who answers for what is missing.

The settings name no owner of a table, so whoever owns the data answers for a table or a column
that is not there. For what is missing of one partner alone its account manager does
(`partners.manager`), where it has none its branch, and else again the owner of the data. For a
reported figure that has not come it is whoever stands beside the last one
(`partner_reported.owner`), or who answers for the partner.
"""

from __future__ import annotations

import polars as pl

from kpi_lib.data.dataset import Dataset
from kpi_lib.measure.compute import Results

DATA, MANAGER, BRANCH, REPORT = "data", "manager", "branch", "report"  # who an owner is
_OWNER = ("owner_is", "owner")
_UNREPORTED = {name: pl.String() for name in ("partner_id", "kpi", "reported_for", *_OWNER)}
_OWNERS = {
    **dict.fromkeys(_OWNER, pl.String()),
    **dict.fromkeys(("gaps", "partners", "kpis", "of_some", "zeros", "reports"), pl.Int64()),
}


def owners_of(partners: pl.DataFrame) -> pl.DataFrame:
    """Return who answers for what is missing of a partner: partner_id, owner_is, owner.

    `owner` is the name of a manager or a branch; null where it is the owner of the data.
    """
    owner_is, owner = pl.lit(DATA), pl.lit(None, dtype=pl.String)
    for name in (BRANCH, MANAGER):
        if name in partners.columns:
            known = pl.col(name).is_not_null()
            owner_is = pl.when(known).then(pl.lit(name)).otherwise(owner_is)
            owner = pl.coalesce(name, owner)
    return partners.select("partner_id", owner_is.alias("owner_is"), owner.alias("owner"))


def unreported_of(results: Results, dataset: Dataset) -> pl.DataFrame:
    """Return the figures that have not come: reported for the period before, not for this one.

    One row per partner and KPI. The day of reporting does not count: a period's figures come after
    its end.
    """
    reported = dataset.tables.get("partner_reported")
    if reported is None:
        return pl.DataFrame(schema=_UNREPORTED)
    reports = reported.collect()
    reports = (
        reports
        if "owner" in reports.columns
        else reports.with_columns(owner=pl.lit(None, pl.String))
    )
    before = str(results.calendar.period.previous())
    now = reports.filter(pl.col("period") == str(results.calendar.period))
    last = reports.filter(pl.col("period") == before).join(
        now, on=["partner_id", "kpi"], how="anti"
    )
    own = owners_of(results.partners).rename({"owner_is": "else_is", "owner": "else"})
    named = pl.col("owner").is_not_null()
    columns = {
        "partner_id": pl.col("partner_id"),
        "kpi": pl.col("kpi"),
        "reported_for": pl.col("period"),
        "owner_is": pl.when(named).then(pl.lit(REPORT)).otherwise("else_is"),
        "owner": pl.coalesce("owner", "else"),
    }
    frame = last.join(own, on="partner_id").sort("partner_id", "kpi").select(**columns)
    return frame.cast(_UNREPORTED)  # type: ignore[arg-type]


def by_owner(
    gaps: pl.DataFrame, losses: pl.DataFrame, unreported: pl.DataFrame, partners: int
) -> pl.DataFrame:
    """Return one row per owner of anything that a KPI lacks or that was not reported.

    `gaps`: those that tell on a KPI. `partners`: whom they concern; all of them, where a table or a
    column is missing. `kpis`: without a value; `zeros`: 0 for want of rows; `reports`: figures that
    have not come.
    """
    place = ["kind", "table", "column", "partner_id"]
    costly = gaps.filter((pl.col("kpis") > 0) | (pl.col("zeros") > 0)).select(*place, *_OWNER)
    whose = costly.join(losses, on=place, nulls_equal=True)
    concerned = [costly.select(*_OWNER, "partner_id"), unreported.select(*_OWNER, "partner_id")]
    missing, for_all = pl.col("effect") == "missing", pl.col("partner_id").is_null()
    counts = [
        costly.group_by(_OWNER).agg(gaps=pl.len()),
        pl.concat(concerned)
        .group_by(_OWNER)
        .agg(
            partners=pl.when(for_all.any())
            .then(partners)
            .otherwise(pl.col("partner_id").n_unique())
        ),
        *(
            whose.filter(lost).group_by(_OWNER).agg(pl.col("kpi").n_unique().alias(name))
            for name, lost in (
                ("kpis", missing & for_all),
                ("of_some", missing & ~for_all),
                ("zeros", pl.col("effect") == "zero"),
            )
        ),
        unreported.group_by(_OWNER).agg(reports=pl.len()),
    ]
    counted = pl.concat([frame.cast({pl.UInt32: pl.Int64}) for frame in counts], how="diagonal")
    summed = counted.group_by(_OWNER).agg(pl.col(list(_OWNERS)[2:]).sum())
    order = ["kpis", "of_some", "zeros", "reports"]
    return summed.sort(*order, *_OWNER, descending=[True] * 4 + [False] * 2).cast(_OWNERS)  # type: ignore[arg-type]
