"""What a notebook is given, and above all what it is not."""

import polars as pl
import pytest

from kpi_lib.audience import AUDIENCES
from kpi_lib.errors import CallError
from kpi_lib.measure import restatement as restate
from kpi_lib.measure.comparisons import Compared
from kpi_lib.measure.reconciliation import reconcile
from kpi_lib.measure.slices import Beside, build_slices, write_slices
from kpi_lib.settings import Settings
from kpi_lib.slices.file import as_text, read
from kpi_lib.slices.page_types import Dispute
from kpi_lib.slices.scorecard_types import ScorecardSlice
from kpi_lib.testing.tables_in_text import dataset_of, results_of

ROWS = {
    "partners": "secret-north 2020-01-01 | secret-south 2021-01-01 tier=gold | quiet 2021-01-01 "
    "sharing=none | later 2026-12-01",
    "orders": "secret-north c1 07-01 111.11 completed cost=60 | secret-south c2 07-02 222.22 | "
    "- c3 07-03 333.33 | quiet c4 07-04 444.44",
}


def slices(**more):
    dataset = dataset_of(**ROWS)
    return list(build_slices(results_of(**ROWS), dataset, Settings(), **more))


def slice_of(partner, edition):
    return next(s for s in slices() if s.partner.partner_id == partner and s.edition == edition)


def test_each_partner_has_every_edition_and_one_that_shares_nothing_none_that_it_would_see():
    inside = {name for name, audience in AUDIENCES.items() if audience.is_internal}
    assert set(AUDIENCES) == {"partner", *inside}
    made = {(s.partner.partner_id, s.edition) for s in slices()}
    assert made == {
        *((partner, edition) for partner in ("secret-north", "secret-south")
          for edition in AUDIENCES),
        *(("quiet", edition) for edition in inside),
    }  # fmt: skip


def test_the_partner_edition_holds_shared_kpis_only():
    ids = {row.kpi for row in slice_of("secret-north", "partner").kpis}
    assert "revenue" in ids
    assert not ids & {"gross_margin", "revenue_share", "revenue_retention", "purchase_gap_ratio"}
    assert "gross_margin" in {row.kpi for row in slice_of("secret-north", "internal").kpis}
    shared = slice_of("secret-north", "partner")
    assert "gross_margin" not in shared.history and "gross_margin" not in shared.definitions


def test_the_partner_edition_holds_nothing_of_anybody_else():
    shared = slice_of("secret-north", "partner")
    text = as_text(shared)
    for foreign in ("secret-south", "quiet", "222.22", "333.33", "444.44", "666.66", "1111.1"):
        assert foreign not in text
    assert (shared.beside, shared.comments, shared.reported) == ({}, (), ())


def test_the_internal_edition_has_the_roll_ups_beside_it():
    beside = slice_of("secret-south", "internal").beside
    mean = (111.11 + 222.22 + 444.44) / 3
    assert beside["portfolio"]["average_order_value"] == pytest.approx(mean)
    assert beside["tier"]["average_order_value"] == pytest.approx(222.22)
    assert "average_order_value" not in beside["direct"], "it is not compared with direct business"


@pytest.mark.parametrize("kpi", ["revenue", "orders_per_month", "revenue_share", "health_score"])
def test_no_sum_of_many_and_no_score_by_other_targets_stands_beside_a_partner(kpi):
    beside = slice_of("secret-south", "internal").beside
    assert not [scope for scope, figures in beside.items() if kpi in figures]


def test_a_partner_that_has_not_joined_by_then_has_no_slice():
    assert "later" not in {s.partner.partner_id for s in slices()}
    with pytest.raises(CallError) as refused:
        slices(partners=["later", "nobody"])
    assert [problem.found for problem in refused.value.problems] == [
        "later joins on 2026-12-01, after 2026-Q3",
        "no such partner by 2026-09-30: nobody",
    ]


def test_slices_are_written_one_folder_each(tmp_path):
    rows = {**ROWS, "orders": f"{ROWS['orders']} | - c0 2020-01-01 1"}
    slices = build_slices(results_of(**rows), dataset_of(**rows), Settings())
    written = write_slices(slices, tmp_path)
    assert tmp_path / "quiet" / "internal" in written
    assert tmp_path / "quiet" / "partner" not in written
    given = read(ScorecardSlice, tmp_path / "quiet" / "internal")
    assert given.run.period == "2026-Q3"
    assert given.history["revenue"][-1].period == "2026-Q3"
    assert len(given.history["revenue"]) == 8


def test_a_profile_of_the_settings_leads_and_skips_what_the_edition_may_not_show():
    settings = Settings(profiles={"reseller": ("gross_margin", "orders", "revenue")})
    made = build_slices(results_of(**ROWS), dataset_of(**ROWS), settings, ["secret-north"])
    profiles = {s.edition: s.profile for s in made}
    assert profiles["internal"] == ("gross_margin", "orders", "revenue")
    assert profiles["partner"] == ("orders", "revenue")


def test_a_logo_travels_as_a_picture_and_not_as_a_path(tmp_path):
    logo = tmp_path / "logo.svg"
    logo.write_text("<svg/>")
    settings = Settings(company={"logo": logo})
    made = next(build_slices(results_of(**ROWS), dataset_of(**ROWS), settings, ["quiet"]))
    assert made.run.company.logo.startswith("data:image/svg+xml;base64,")
    assert str(tmp_path) not in as_text(made)


REPORTED = (
    "secret-north revenue 2026-Q3 999.25 09-30 owner=Bo "
    "| secret-north gross_margin 2026-Q3 7 09-30 "
    "| secret-south revenue 2026-Q3 888.75 09-30"
)


def compared():
    """Figures of two partners that are in dispute, and figures that were published as others."""
    now = [
        ("partner", "secret-north", "revenue", "2026-Q2", 777.5, 1.0, -776.5, "2026-07-01T06:00"),
        ("partner", "secret-north", "gross_margin", "2026-Q2", 0.9, 0.5, -0.4, "2026-07-01T06:00"),
        ("partner", "secret-south", "revenue", "2026-Q2", 666.5, 2.0, -664.5, "2026-07-01T06:00"),
        ("portfolio", "portfolio", "revenue", "2026-Q2", 555.5, 3.0, -552.5, "2026-07-01T06:00"),
    ]
    reconciliation = reconcile(
        results_of(**ROWS), dataset_of(**ROWS, partner_reported=REPORTED), {}
    )
    return Compared(reconciliation, pl.DataFrame(now, schema=restate.SCHEMA, orient="row"))


@pytest.mark.parametrize(
    ("edition", "kpis"),
    [("partner", ["revenue"]), ("internal", ["revenue", "gross_margin"])],
)
def test_disputes_and_past_figures_that_changed_are_the_partners_own_and_shared(edition, kpis):
    made = build_slices(
        *(results_of(**ROWS), dataset_of(**ROWS), Settings(), ["secret-north"]),
        Beside(compared(), {}),
    )
    given = next(slice_ for slice_ in made if slice_.edition == edition)
    disputes = {row.kpi: row.dispute for row in given.kpis if row.dispute}
    assert list(disputes) == kpis
    assert disputes["revenue"] == Dispute(999.25, pytest.approx(888.14), 0.01, "Bo", "2026-Q3")
    assert [figure.kpi for figure in given.restated] == kpis
    text = as_text(given)
    assert not [foreign for foreign in ("888.75", "666.5", "555.5") if foreign in text]
