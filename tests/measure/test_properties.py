"""What must hold of every company: of all KPIs at once, not of chosen ones.

Each property is tried on one whole company, and with the slow tests on many, awkward ones too.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from kpi_lib.engine.formula import Arithmetic, Constant, Formula, GroupPart, Length, Part, Term
from kpi_lib.engine.terms.credited import Credited
from kpi_lib.engine.terms.each_partner import EachPartner
from kpi_lib.engine.terms.influenced import Influenced
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.measure.compute import Results
from kpi_lib.periods import Period
from tests.given_companies import WHOLE_PERIODS, Company, Tables, awkward_company, whole_company
from tests.independent.compare import Difference, differences
from tests.independent.slots import EVENTS, MAIN_DATE

CLOSE = 1e-9
MODELS = ("first_touch", "last_touch", "linear", "time_decay", "position_based")
FORMULAS = {n: k.formula for n, k in catalogue().items() if isinstance(k.formula, Formula)}
UNITS = {name: kpi.unit for name, kpi in catalogue().items()}

whole = st.sampled_from(WHOLE_PERIODS).map(whole_company)
companies = whole | st.integers(0, 100_000).map(awkward_company)
dice = st.integers(0, 2**32).map(random.Random)


def holds(of: st.SearchStrategy[Company], many: int) -> Callable:
    """Make two tests of a property: of the first company of a kind, and of many (slow)."""

    def made(check: Callable[[Company, random.Random], None]) -> Callable[[int], None]:
        slow = pytest.param(many, id="many", marks=pytest.mark.slow)

        @pytest.mark.parametrize("examples", [pytest.param(1, id="one"), slow])
        def test(examples: int) -> None:
            profile = settings(
                max_examples=examples,
                derandomize=True,
                database=None,
                deadline=None,
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            )
            profile(given(of, dice)(check))()

        return test

    return made


def changed(left: pl.DataFrame, right: pl.DataFrame, *but: str) -> list[Difference]:
    """Return the cells that differ between two KPI tables, but in these columns."""
    rows = [row | dict.fromkeys(but) for row in right.to_dicts()]
    return differences(left.with_columns(pl.lit(None).alias(name) for name in but), rows, UNITS)


def values(table: pl.DataFrame, kpi: str, scope: str, column: str = "value") -> list[float | None]:
    """Return a KPI's cells of one scope."""
    return table.filter((pl.col("kpi") == kpi) & (pl.col("scope") == scope))[column].to_list()


def added(cells: list[float | None]) -> float:
    """Return the sum; what has no value has nothing to add."""
    return sum(cell for cell in cells if cell is not None)


# --- rows -----------------------------------------------------------------------------------------


@holds(companies, many=12)
def test_the_order_of_rows_does_not_matter_to_the_last_bit(company, dice):
    """As a figure of 904.5 must not be 904 on one page, and 905 on the next."""
    shuffled = {
        name: frame.sample(fraction=1.0, shuffle=True, seed=dice.randrange(1000))
        for name, frame in company.tables.items()
    }
    assert_frame_equal(company.results_of(shuffled).table, company.table, check_exact=True)


@holds(companies, many=12)
def test_other_ids_of_partners_only_rename_rows(company, dice):
    ids = company.tables["partners"]["partner_id"].to_list()
    new = dict(zip(ids, dice.sample([f"n{n}" for n in range(len(ids))], len(ids)), strict=True))
    tables = {
        name: frame.with_columns(pl.col("partner_id").replace(new))
        if "partner_id" in frame.columns
        else frame
        for name, frame in company.tables.items()
    }
    if "targets" in tables:
        own = pl.when(pl.col("scope") == "partner")
        entity = own.then(pl.col("entity").replace(new)).otherwise("entity")
        tables["targets"] = tables["targets"].with_columns(entity.alias("entity"))
    renamed = pl.when(pl.col("scope") == "partner").then(pl.col("entity").replace(new))
    expected = company.table.with_columns(renamed.otherwise("entity").alias("entity"))
    assert changed(company.results_of(tables).table, expected) == []


COUNT_PARTNERS = {
    *("partnership_years", "active_partners", "new_partners", "partner_churn_rate"),
    "active_weeks",  # of the partners that are there
}
PEERS = ("peers", "peer_percentile", "peer_q1", "peer_median", "peer_q3")


@holds(companies, many=12)
def test_a_partner_without_rows_changes_nobodys_figures(company, dice):
    partners = company.tables["partners"]
    nobody = {
        "partner_id": "nobody",
        "name": "Nobody",
        "partner_type": dice.choice(partners["partner_type"].to_list()),
        "joined_on": company.period.start.replace(day=1),
    }
    more = pl.concat([partners, pl.DataFrame([nobody])], how="diagonal")
    table = company.results_of(company.with_tables(partners=more)).table
    others = table.filter(pl.col("entity") != "nobody")
    is_partner = pl.col("scope") == "partner"
    of_partners = company.table.filter(is_partner)
    assert changed(others.filter(is_partner), of_partners, *PEERS) == []
    untouched = ~is_partner & ~pl.col("kpi").is_in([*COUNT_PARTNERS, *_of_family("goals")])
    assert changed(others.filter(untouched), company.table.filter(untouched)) == []


def _of_family(family: str) -> list[str]:
    return [name for name, kpi in catalogue().items() if kpi.family == family]


# --- sums -----------------------------------------------------------------------------------------


def adds_up_over_partners(term: Term | None) -> bool:
    """Whether a term of all is the sum of the partners' and direct business's, by its formula."""
    match term:
        case Part() | Credited() | EachPartner():
            return True
        case GroupPart():
            return "partner_id" in term.groups.keys
        case Arithmetic("+" | "-", left, right):
            return adds_up_over_partners(left) and adds_up_over_partners(right)
        case Arithmetic("x", left, right) | Arithmetic("/", right, left):
            parts = [part for part in (left, right) if not isinstance(part, Constant)]
            return all(map(adds_up_over_partners, parts))
        case _:
            return False


def additive_columns() -> list[tuple[str, str]]:
    """Return the KPIs, and of each the column, that add up over the partners."""
    found = []
    for name, formula in FORMULAS.items():
        # Where nothing is counted below the line there is nothing above it, and both are null.
        counted = isinstance(formula.per, Length) or (
            isinstance(formula.per, Part) and formula.per.reduce == "count"
        )
        if adds_up_over_partners(formula.value) and (formula.per is None or counted):
            found.append((name, "value" if formula.per is None else "numerator"))
        # Of a sum that is not above 0 there is no value.
        if counted and adds_up_over_partners(formula.per):
            found.append((name, "denominator"))
    return found


def test_many_kpis_add_up_over_the_partners():
    columns = additive_columns()
    assert sum(column == "value" for _, column in columns) >= 35
    assert sum(column == "denominator" for _, column in columns) >= 40
    assert {"revenue", "receivables", "linear_revenue", "over_limit"} <= {kpi for kpi, _ in columns}
    assert not {"active_customers", "influenced_revenue", "market_share"} & {
        kpi for kpi, column in columns if column == "value"
    }


@holds(companies, many=12)
def test_partners_and_direct_business_add_up_to_the_company(company, dice):
    # A partner that joins only later has no row, and its orders count all the same.
    earlier = pl.min_horizontal("joined_on", pl.lit(company.period.start))
    partners = company.tables["partners"].with_columns(earlier.alias("joined_on"))
    table = company.results_of(company.with_tables(partners=partners)).table
    cells = {
        (kpi, scope): part
        for (kpi, scope), part in table.partition_by("kpi", "scope", as_dict=True).items()
    }
    for kpi, column in additive_columns():
        by_scope = {s: cells[kpi, s][column].to_list() for k, s in cells if k == kpi}
        if "partner" not in by_scope or by_scope["portfolio"] == [None]:
            continue
        of_partners = added(by_scope["partner"])
        assert added(by_scope["portfolio"]) == pytest.approx(of_partners, rel=CLOSE, abs=CLOSE), kpi
        by_type = added(by_scope["partner_type"])
        assert by_type == pytest.approx(of_partners, rel=CLOSE, abs=CLOSE), kpi
        if "company" in by_scope:
            whole = of_partners + added(by_scope.get("direct", []))
            assert added(by_scope["company"]) == pytest.approx(whole, rel=CLOSE, abs=CLOSE), kpi
    _attribution_adds_up(company, cells)


def _attribution_adds_up(company: Company, cells: dict[tuple[str, ...], pl.DataFrame]) -> None:
    """Hold the credit of all partners and of direct business against the deals themselves."""
    deals = company.tables.get("deals")
    if deals is None or ("linear_revenue", "partner") not in cells:
        return
    if cells["linear_revenue", "portfolio"]["value"].to_list() == [None]:
        return
    in_period = pl.col("closed_on").is_between(company.period.start, company.last_day)
    won = deals.filter((pl.col("outcome") == "won") & in_period)["amount"].cast(float).sum()
    for model in MODELS:
        credited = [cells[f"{model}_revenue", scope]["value"] for scope in ("partner", "direct")]
        assert added([*credited[0], *credited[1]]) == pytest.approx(won, rel=CLOSE, abs=CLOSE)


def adds_up_over_time(term: Term) -> bool:
    """Whether a term of a quarter is the sum of its months', by its formula."""
    if isinstance(term, Arithmetic):
        return adds_up_over_time(term.left) and adds_up_over_time(term.right)
    return isinstance(term, Part | Credited | Influenced) and term.adds_up


def tiling() -> list[str]:
    """Return the KPIs whose periods add up to a longer one."""
    return [
        name
        for name, formula in FORMULAS.items()
        if formula.per is None and adds_up_over_time(formula.value)
    ]


@holds(companies, many=8)
def test_months_tile_the_quarter_and_quarters_the_year(company, dice):
    year = Period.containing(company.period.start, "year", company.period.year_end)
    quarter = Period("quarter", year.year, 4, year.year_end)
    month = Period.containing(quarter.end, "month", year.year_end)
    tables = {name: _in_order(name, frame) for name, frame in company.tables.items()}
    runs = [company.results_of(tables, period) for period in (month, quarter, year)]
    assert len(tiling()) >= 25
    compared = 0
    for parts, whole, count in ((runs[0], runs[1], 3), (runs[1], runs[2], 4)):
        last = [str(parts.calendar.period.back(step)) for step in range(count)]
        summed = _sums_of_roll_ups(parts, last)
        for scope, kpi, value in summed.iter_rows():
            whole_value = values(whole.table, kpi, scope)
            assert whole_value == [pytest.approx(value, rel=CLOSE, abs=CLOSE)], (kpi, scope)
            compared += 1
    assert compared >= 60 or not company.is_whole


def _in_order(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with nothing happening before they exist.

    A deal that was registered in one month and opened in the next is counted in neither, and in the
    quarter it is.
    """
    events = [event for event in EVENTS.get(name, ()) if event in frame.columns]
    if name not in MAIN_DATE:
        return frame
    return frame.with_columns(
        pl.when(pl.col(event).is_not_null()).then(pl.max_horizontal(event, MAIN_DATE[name]))
        for event in events
    )


def _sums_of_roll_ups(parts: Results, periods: list[str]) -> pl.DataFrame:
    """Return scope, kpi and the sum of the periods; a partner's own may lie before it joined."""
    wide = pl.col("scope").is_in(["portfolio", "direct", "company"])
    here = wide & pl.col("period").is_in(periods) & pl.col("kpi").is_in(tiling())
    known = parts.history.filter(here).drop_nulls("value")
    return known.group_by("scope", "kpi", maintain_order=True).agg(pl.col("value").sum())


# --- time -----------------------------------------------------------------------------------------


def _has_later_orders(company: Company) -> bool:
    orders = company.tables["orders"]
    return _known("orders", orders, company).height < orders.height


@holds(companies.filter(_has_later_orders), many=12)
def test_a_period_is_computed_later_from_more_data_as_it_was_on_its_last_day(company, dice):
    known = {name: _known(name, frame, company) for name, frame in company.tables.items()}
    assert changed(company.results_of(known).table, company.table) == []


def _known(name: str, frame: pl.DataFrame, company: Company) -> pl.DataFrame:
    """Return the rows of a table as they were known on the company's last day that counts."""
    last = pl.lit(company.last_day)
    if name in MAIN_DATE:
        frame = frame.filter(pl.col(MAIN_DATE[name]).cast(pl.Date) <= last)
    events = [event for event in EVENTS.get(name, ()) if event in frame.columns]
    frame = frame.with_columns(
        pl.when(pl.col(event) <= last).then(pl.col(event)).alias(event) for event in events
    )
    if "closed_on" in events:
        still = pl.when(pl.col("closed_on").is_null()).then(pl.lit("open")).otherwise("outcome")
        frame = frame.with_columns(still.alias("outcome"))
    return frame


# --- currency -------------------------------------------------------------------------------------

MONEY = {
    "orders": ("amount", "cost"),
    "invoices": ("amount",),
    "payments": ("amount",),
    "deals": ("amount",),
    "costs": ("amount",),
    "savings": ("amount",),
    "programs": ("amount",),
    "credit_limits": ("credit_limit",),
    "market_sizes": ("size",),
}
IN_MONEY = ("value", "numerator", "previous", "year_ago", "baseline", "target", "minimum")
IN_MONEY += ("variance", "peer_q1", "peer_median", "peer_q3")


@holds(whole, many=8)
def test_another_currency_scales_money_and_leaves_ratios_days_and_counts(company, dice):
    rate = dice.choice([4, 3, 0.25, 1000])
    scaled = company.results_of(_in_other_currency(company.tables, rate)).table
    money = pl.col("kpi").is_in([name for name, unit in UNITS.items() if unit == "money"])
    expected = company.table.with_columns(
        pl.when(money).then(pl.col(name) * rate).otherwise(name).alias(name) for name in IN_MONEY
    )
    assert changed(scaled.filter(money), expected.filter(money)) == []
    # A ratio may have money above and below the line.
    assert changed(scaled.filter(~money), expected.filter(~money), "numerator", "denominator") == []
    assert company.table.filter(money)["value"].drop_nulls().len() > 200


def _in_other_currency(tables: Tables, rate: float) -> dict[str, pl.DataFrame]:
    """Return the tables with every amount in a currency of which `rate` units make one of ours."""
    times = pl.lit(str(rate)).str.to_decimal(scale=2)

    def scale(name: str, *columns: str, where: pl.Expr | None = None) -> pl.DataFrame:
        frame = tables[name]
        return frame.with_columns(
            pl.when(pl.lit(True) if where is None else where)
            .then((pl.col(column) * times).cast(frame.schema[column]))
            .otherwise(column)
            .alias(column)
            for column in columns
        )

    money = [name for name, unit in UNITS.items() if unit == "money"]
    measures = pl.col("measure").is_in([*money, "category_spend"])
    return {
        **tables,
        **{name: scale(name, *columns) for name, columns in MONEY.items()},
        "observations": scale("observations", "numerator", where=measures),
        "targets": scale(
            "targets", "target", "minimum", "baseline", where=pl.col("kpi").is_in(money)
        ),
        "objectives": scale("objectives", "baseline", "target", where=pl.col("kpi").is_in(money)),
    }
