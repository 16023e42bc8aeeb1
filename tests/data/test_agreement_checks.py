"""Targets, objectives and reported figures against the catalogue, the calendar and the partners."""

from __future__ import annotations

import pytest

from kpi_lib.data.dataset import check_dataset
from kpi_lib.kpis.kpi_ends import facts_of
from tests.data.folders import said_of, settings_for, write_tables

TARGETS = "scope entity kpi period target minimum"


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        pytest.param(
            {"targets": f"{TARGETS}\nall * revenue 2026 100 90\npartner P1 revenue 2026 100 110\n"
             "partner P1 returns 2026 5 6\npartner P1 returns 2025 5 4\n"
             "all P1 revenue 2025 5 -\npartner P1 receivables * 5 -\ntier gold nosuch 2026-Q1 5 -\n"
             "portfolio * revenue 2026-W54 5 -"},
            [
                "f targets row 8 column period: not a period: 2026-W54",
                "f targets row 5 column entity: not * with scope all or portfolio: P1",
                "f targets row 6 column kpi: target of a KPI where neither higher nor lower is "
                "better: receivables",
                "f targets row 2 column minimum: on the wrong side of the target: "
                "110 against 100",
                "f targets row 4 column minimum: on the wrong side of the target: "
                "4 against 5",
                "w targets row 7 column entity: never used, as no partner has a tier: gold",
                "w targets row 7 column kpi: no such KPI: nosuch",
            ],
            id="a target can be met",
        ),
        pytest.param(
            {"targets": f"{TARGETS} baseline\nall * otif_rate * 95 90 0.9\n"
             "all * otif_rate quarter 0.95 0.9 88\nall * otif_rate year -0.1 - -\n"
             "all * returns month 5 - -\nall * otif_rate week 1 - -",
             "objectives": "objective_id partner_id goal kpi starts_on due_on baseline target\n"
             "1 P1 efficiency otif_rate 2024-01-01 2024-12-31 0.8 95"},
            [
                "f objectives row 1 column target: 95 is outside what the KPI can be: otif_rate "
                "lies between 0 and 1; if 95 % is meant, write 0.95",
                "f targets row 1 column target: 95 is outside what the KPI can be: otif_rate lies "
                "between 0 and 1; if 95 % is meant, write 0.95",
                "f targets row 3 column target: -0.1 is outside what the KPI can be: otif_rate "
                "lies between 0 and 1",
                "w targets row 2 column baseline: 88 is outside what the KPI can be: otif_rate "
                "lies between 0 and 1; if 88 % is meant, write 0.88",
                "w targets row 1 column minimum: 90 is outside what the KPI can be: otif_rate "
                "lies between 0 and 1; if 90 % is meant, write 0.9",
            ],
            id="no share is above 1, and a percentage is written as one",
        ),
        pytest.param(
            {"targets": f"{TARGETS}\nall * revenue * 100 -\nall * otif_rate * 0.9 -\n"
             "all * revenue quarter 100 -\nall * revenue weekly 100 -\nall * meals * 3 -\n"
             "all * rating * 3 -",
             "observations": "observation_id partner_id measure observed_on numerator denominator\n"
             "1 P1 meals 2024-01-01 5 -\n2 P1 rating 2024-01-01 5 6"},
            [
                "f targets row 4 column period: not a period: weekly",
                "f targets row 1 column period: revenue adds up over a period, and * is any "
                "length: write year, half, quarter, month or week",
                "f targets row 5 column period: meals adds up over a period, and * is any length: "
                "write year, half, quarter, month or week",
                "w targets row 5 column kpi: no such KPI: meals",
                "w targets row 6 column kpi: no such KPI: rating",
            ],
            id="what adds up has a target for a length of time",
        ),
        pytest.param(
            {"targets": f"{TARGETS}\npartner ~P1 otif_rate * 0.9 -\npartner p2 otif_rate * 0.9 -\n"
             "partner ZZ otif_rate * 0.9 -\npartner_type resellr otif_rate * 0.9 -\n"
             "partner_type supplier otif_rate * 0.9 -\npartner P2 otif_rate * 0.9 -\n"
             "tier gold otif_rate * 0.9 -"},
            [
                "f targets row 1 column entity: no such partner: ' P1'; did you mean P1?",
                "f targets row 2 column entity: no such partner: p2; did you mean P2?",
                "f targets row 3 column entity: no such partner: ZZ",
                "f targets row 4 column entity: no such partner type: resellr; did you mean "
                "reseller?",
                "w targets row 7 column entity: never used, as no partner has a tier: gold",
                "w targets row 5 column entity: never used, as no partner is of this type: "
                "supplier",
            ],
            id="a target is of somebody",
        ),
        pytest.param(
            {"objectives": "objective_id partner_id goal kpi starts_on due_on baseline target\n"
             "1 P1 innovation receivables 2024-01-01 2024-12-31 1 2\n"
             "2 P1 innovation nosuch 2024-01-01 2023-12-31 1 2"},
            [
                "f objectives row 1 column kpi: objective of a KPI where neither higher nor lower "
                "is better: receivables",
                "w objectives row 2 column due_on: before starts_on: 2023-12-31",
                "w objectives row 2 column kpi: no such KPI: nosuch",
            ],
            id="an objective moves a KPI up or down",
        ),
        pytest.param(
            {"partner_reported": "partner_id kpi period value reported_on\n"
             "P1 revenue 2026-Q9 5 2024-01-01\nP1 revenue 2026 5 2024-01-01"},
            ["w partner_reported row 1 column period: not a period: 2026-Q9"],
            id="what a partner reports of no period is odd",
        ),
    ],
)  # fmt: skip
def test_what_can_never_be_met_or_by_nobody_is_named_with_its_row(tmp_path, tables, expected):
    assert said_of(write_tables(tmp_path / "data", **tables)) == expected


def test_a_target_of_a_tier_that_no_partner_has_is_of_nobody(tmp_path):
    targets = f"{TARGETS}\ntier gold otif_rate * 0.9 -\ntier Gold otif_rate * 0.9 -"
    folder = write_tables(tmp_path / "data", targets=targets)
    (folder / "partners.csv").write_text(
        "partner_id,name,partner_type,joined_on,tier\nP1,Alder,reseller,2024-01-01,gold\n"
    )
    assert said_of(folder) == [
        "f targets row 2 column entity: no such tier: Gold; did you mean gold?"
    ]


def test_the_rules_about_kpis_are_asked_only_where_the_kpis_are_known(tmp_path):
    targets = f"{TARGETS}\nall * receivables 2026 100 -\nall * mean_hours 2026 1 2"
    folder = write_tables(tmp_path / "data", targets=targets)
    assert check_dataset(settings_for(folder), workspace=tmp_path / "w") == []
    packs = "{mean_hours: [number, higher]}"
    settings = settings_for(folder, packs=packs)
    found = check_dataset(settings, workspace=tmp_path / "w", kpis=facts_of(settings))
    assert [f.column for f in found] == ["kpi", "minimum"]
