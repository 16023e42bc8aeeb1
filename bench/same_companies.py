"""The three companies that both versions are given, and what each of them is asked.

Whatever changes here asks for another making of both: `same.py` refuses to compare across it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import polars as pl
from same_made import Project

from tests.hostile_texts import NOTE, TEXTS, write_hostile_texts

FORMS = ((), ("--json",), ("--markdown",))  # of the catalogue
KINDS_OF_KPI = (  # one of each way in which a figure comes about
    *("margin_roi", "sales_cycle_median_days", "customer_retention", "days_between_purchases"),
    *("dso_countback_days", "time_decay_revenue", "credit_utilisation", "goal_alignment"),
    *("health_score", "user_adoption", "new_market_revenue"),
)
SETTINGS = """data: ../data
languages: [en, de]
company: {name: Example Trading Ltd}
mail: {sender: scorecards@example.invalid, reply_to: partners@example.invalid}
"""
HOSTILE_SETTINGS = """data: ../data
languages: [de, en]
company: {name: "<script>alert(4)</script> & Co."}
weights: {revenue: 2, service: 0}
mail: {sender: scorecards@example.invalid, sender_name: "Größe & \\"Söhne\\""}
"""
RECIPIENTS = "partner_id,email,name,language,attach\n"
# All of them are ids by the contract, and something else to whoever does not look.
ODD_IDS = (
    *("0007", "7", "1e3", "NULL", "true", "all", "con", "index.html", "a.b-c_d", "x" * 64),
    *("None", "3.14"),
)
ASKED = (ODD_IDS[0], ODD_IDS[1], ODD_IDS[4], ODD_IDS[9])
QUARTER, BEFORE, WITHOUT_A_ROW = "2026-Q3", "2026-Q2", "2025-Q1"
PUBLISHED = "2026-07-20T08:00:00+00:00"
MISSING_TABLES = ("market_sizes", "incidents", "credit_limits")
MISSING_COLUMNS = {
    "partners": ("branch",),
    "orders": ("cost", "channel"),
    "customers": ("segment",),
    "surveys": ("topic",),
    "training": ("certificate_until",),
}
EMPTY_TABLES = ("savings", "solutions")
# Another partner's name, which stands as the owner of a figure that this one reported.
NAMED_BY_OWNER = "HYPERLINK https evil invalid A1"
FAULTY_SCORE = 11.0  # of a recommendation, which goes to 10
UNEVEN = 1.00037  # so that a sum of whole amounts ends in no half


def example(project: Project) -> None:
    """Ask for the reports of the company that ships, as `make demo` and `make outbox` would."""
    shutil.copytree(project.version.code / "params", project.folder / "params")
    project.kpi("check")
    project.kpi("run", "--jobs", "2", "--partners", "Germany", "EIRE", "Lithuania")
    project.kpi("outbox", status=1)  # the others' reports are not made
    project.kpi("status")
    for kpi in ("revenue", "revenue_growth", "repeat_purchase_rate"):
        project.explain(kpi, "Germany")
    for form in FORMS:
        project.kpi("list", *form)
    for number, when in enumerate((("2011-Q3", "2011-08-15"), ("2011-11", "2011-11-30"))):
        out = f"figures-{number}.parquet"
        project.kpi("compute", "--period", when[0], "--as-of", when[1], "--out", out)
    project.kpi("targets", "suggest", "--growth", "0.05", "--out", "suggested.csv")


def synthetic(project: Project) -> None:
    """Ask for all reports of a company that has every table, in two languages."""
    size = ("--partners", "8", "--orders", "2000", "--seed", "7")
    project.kpi("example", "synthetic", *size, "--out", "data")
    _in_few_groups(project.data)
    project.write("params/project.yml", SETTINGS)
    people = [
        f"P000{number},contact@p000{number}.invalid,Contact {number},{language},{attach}"
        for number, language, attach in (
            *((1, "en", "html"), (2, "de", "html"), (3, "de", "none")),
            *((4, "en", "pdf"), (5, "de", "html")),
        )
    ]
    project.write("params/recipients.csv", RECIPIENTS + "\n".join(people) + "\n")
    project.kpi("check", "--json")
    project.kpi("run", "--jobs", "2", "--partners", *[f"P000{number}" for number in range(1, 6)])
    project.kpi("outbox", status=1)  # no PDF was made, and one is wanted
    project.kpi("approve", "--partners", "P0001", "--as", "A. Reviewer")
    project.kpi("status")
    project.kpi("status", "--why", "P0004")
    for kpi in KINDS_OF_KPI:
        project.explain(kpi, "P0002")
    project.kpi("explain", "customer_lifetime_value", "--partner", "P0001")
    for period in ("2026-09", "2026-W37", "2025"):
        project.kpi("compute", "--period", period, "--out", f"figures-{period}.parquet")


def hostile(project: Project) -> None:
    """Ask for reports of a company that is as awkward as the contract allows, and once beyond.

    Its past changes between two runs, so that the second tells of restated figures.
    """
    sound = _lay_down_the_awkward(project)
    project.kpi("check", status=2)
    project.kpi("run", "--period", BEFORE, status=2)
    earlier = ("run", "--period", BEFORE, "--jobs", "2", "--allow-faults", "--partners")
    project.kpi(*earlier, *ASKED[:2], status=1)  # the first one's page would name the others
    _publish_on_a_fixed_day(project.folder / "reports" / BEFORE / "run.json")
    _mend(project.data, sound)
    _change_the_past(project.data)
    project.kpi("check")
    allowed = ("allow", ASKED[2], NAMED_BY_OWNER, "--period", QUARTER, "--reason", "It is a test.")
    project.kpi(*allowed)
    project.kpi("run", "--period", QUARTER, "--jobs", "2", "--pdf", "--partners", *ASKED)
    project.kpi("outbox", "--period", QUARTER, status=1)  # one name cannot stand in an e-mail
    project.kpi("status", "--period", QUARTER)
    _ask_for_figures(project)


COMPANIES: dict[str, Callable[[Project], None]] = {
    "example": example,
    "synthetic": synthetic,
    "hostile": hostile,
}


def _lay_down_the_awkward(project: Project) -> pl.DataFrame:
    """Write the company, its settings and notes; return its surveys as they are without faults."""
    size = ("--partners", str(len(TEXTS)), "--orders", "1500", "--seed", "3")
    project.kpi("example", "synthetic", *size, "--out", "data")
    write_hostile_texts(project.data)
    _in_few_groups(project.data)
    _be_awkward(project.data)
    sound = _with_faults(project.data)
    project.write("params/project.yml", HOSTILE_SETTINGS)
    project.write("params/recipients.csv", RECIPIENTS + "\n".join(_people()) + "\n")
    project.write(f"params/notes/{ASKED[0]}/{BEFORE}.md", "\n\n".join(TEXTS))  # others' names
    project.write(f"params/notes/{ASKED[0]}/{QUARTER}.md", "\n\n".join(NOTE))
    return sound


def _ask_for_figures(project: Project) -> None:
    """Ask for what the awkward company's figures are made of, and for a period without a row."""
    for kpi in ("average_order_value", "customer_nps", "health_score"):
        project.explain(kpi, ASKED[0], "--period", QUARTER)
    project.kpi("explain", "market_share", "--partner", ASKED[1], "--period", QUARTER)
    project.kpi("compute", "--period", WITHOUT_A_ROW, "--out", "figures-without-a-row.parquet")
    project.kpi("preview", ASKED[1], "--edition", "internal", "--period", WITHOUT_A_ROW)


def _people() -> Iterator[str]:
    """Yield a line for the recipient of each partner whose report is made, German ones first."""
    of_each = zip(ASKED, ("de", "de", "en", "de"), ("html", "pdf", "html", "none"), strict=True)
    for number, (id_, language, attach) in enumerate(of_each, 1):
        yield f"{id_},contact{number}@partner.invalid,Jürgen <{number}>,{language},{attach}"


def _tables(data: Path) -> Iterator[tuple[Path, pl.DataFrame]]:
    for file in sorted(data.glob("*.parquet")):
        yield file, pl.read_parquet(file)


def _in_few_groups(data: Path) -> None:
    """Give all partners to two managers and two branches: each has a page, and two are enough."""
    file = data / "partners.parquet"
    frame = pl.read_parquet(file)
    for name in ("manager", "branch"):
        several = frame[name].drop_nulls().unique(maintain_order=True)
        few = dict(zip(several, cycle(several.head(2)), strict=False))
        frame = frame.with_columns(pl.col(name).replace(few))
    frame.write_parquet(file)


def _be_awkward(data: Path) -> None:
    """Give partners odd ids, and take away or turn to 0 what a company need not have."""
    first = pl.read_parquet(data / "partners.parquet")["partner_id"]
    ids = dict(zip(first, ODD_IDS, strict=True))
    for file, frame in _tables(data):
        if file.stem in MISSING_TABLES:
            file.unlink()
            continue
        frame = frame.drop(MISSING_COLUMNS.get(file.stem, ()))
        named = [name for name in ("partner_id", "entity") if name in frame.columns]
        frame = frame.with_columns(pl.col(named).replace(ids))
        frame.write_parquet(file)
    _be_awkward_in_orders(data / "orders.parquet")
    deals = pl.read_parquet(data / "deals.parquet")
    # Half a euro would be rounded up or down by the last bit of a sum, which no run repeats.
    deals.with_columns(pl.col("amount") * UNEVEN).write_parquet(data / "deals.parquet")


def _be_awkward_in_orders(file: Path) -> None:
    """Let some amounts be 0 or below, one partner order nothing, and a quarter have no order."""
    frame, row = pl.read_parquet(file), pl.int_range(pl.len())
    amount, day = pl.col("amount"), pl.col("ordered_on")
    sold = pl.col("status") == "completed"
    odd = pl.when(sold & (row % 7 == 3)).then(0 * amount).when(sold & (row % 11 == 5))
    shut = day.is_between(pl.date(2025, 1, 1), pl.date(2025, 3, 31))
    idle = pl.col("partner_id").eq_missing(pl.lit(ASKED[2]))
    frame = frame.with_columns(
        amount=odd.then(-amount).otherwise(amount),
        ordered_on=pl.when(shut).then(day.dt.offset_by("91d")).otherwise(day),
        partner_id=pl.when(~idle).then(pl.col("partner_id")),  # they are direct business now
    )
    frame.write_parquet(file)


def _with_faults(data: Path) -> pl.DataFrame:
    """Put a score that no scale has into some surveys, and empty tables; return the surveys."""
    file = data / "surveys.parquet"
    sound = pl.read_parquet(file)
    odd = (pl.col("instrument") == "nps") & (pl.int_range(pl.len()) % 50 == 0)
    score = pl.when(odd).then(pl.lit(FAULTY_SCORE)).otherwise(pl.col("score"))
    sound.with_columns(score=score).write_parquet(file)
    for name in EMPTY_TABLES:
        pl.read_parquet(data / f"{name}.parquet").clear().write_parquet(data / f"{name}.parquet")
    return sound


def _mend(data: Path, surveys: pl.DataFrame) -> None:
    """Put the surveys back, and take the empty tables away."""
    surveys.write_parquet(data / "surveys.parquet")
    for name in EMPTY_TABLES:
        (data / f"{name}.parquet").unlink()


def _publish_on_a_fixed_day(record: Path) -> None:
    """Let a run have been on one day, whenever it was: pages of the next period name that day."""
    values = json.loads(record.read_text(encoding="utf-8"))
    values["started_at"] = PUBLISHED
    record.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _change_the_past(data: Path) -> None:
    """Let one partner's orders of the quarter before have been worth more."""
    file = data / "orders.parquet"
    frame, day = pl.read_parquet(file), pl.col("ordered_on")
    theirs = pl.col("partner_id").eq_missing(pl.lit(ASKED[0]))
    changed = theirs & day.is_between(pl.date(2026, 4, 1), pl.date(2026, 6, 30))
    amount = pl.when(changed).then(pl.col("amount") * 2).otherwise(pl.col("amount"))
    frame.with_columns(amount=amount).write_parquet(file)
