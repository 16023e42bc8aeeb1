"""The registry against the catalogue as it was agreed: every fact of every KPI."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from kpi_lib.data.contract import TABLES
from kpi_lib.engine.formula import Formula, Modelled
from kpi_lib.engine.kpi import Benchmark, Kpi
from kpi_lib.engine.scopes import ATTRIBUTES, SCOPES
from kpi_lib.engine.terms.credited import Model
from kpi_lib.kpis.catalogue import catalogue, catalogue_of, is_comparable
from kpi_lib.kpis.packs import FAMILY as PACKS_FAMILY
from kpi_lib.kpis.packs import PACKS
from kpi_lib.kpis.profiles import GOALS, PROFILES
from kpi_lib.settings import FAMILIES, Settings

AGREED = yaml.safe_load(Path(__file__).with_name("catalogue.yml").read_text(encoding="utf-8"))
KPIS: dict[str, dict[str, Any]] = {
    kpi: {"accountable": "both", "scopes": SCOPES, **wanted, "family": family}
    for family, kpis in AGREED["kpis"].items()
    for kpi, wanted in kpis.items()
}
DECLARED = catalogue()
OF_FAMILIES = [kpi for kpi in DECLARED.values() if kpi.family != PACKS_FAMILY]
WORDS = ("family", "name", "unit", "better", "audience", "accountable", "cadence")


def scopes_of(wanted: dict[str, Any]) -> set[str]:
    more = ATTRIBUTES if "partner_type" in wanted["scopes"] else ()
    return {*wanted["scopes"], *more}


def tables_of(wanted: dict[str, Any]) -> set[str]:
    return {*wanted["tables"], *AGREED["models"].get(wanted.get("model"), ())}


def figures_of(claim: Benchmark | None) -> dict[str, Any] | None:
    """The figures of a published claim, as the catalogue names them."""
    if claim is None:
        return None
    figures = {
        "scope": claim.scope,
        "low": claim.low,
        "high": claim.high,
        "per": "year" if claim.per_year else None,
        "against": "direct" if claim.of_direct is not None else None,
        "factor": claim.of_direct,
        "most": claim.most if math.isfinite(claim.most) else None,
    }
    return {name: figure for name, figure in figures.items() if figure is not None}


def test_every_kpi_that_was_agreed_is_declared():
    # A company may declare more: docs/add-a-kpi.md.
    assert set(KPIS) - set(DECLARED) == set()
    assert len(KPIS) == 132


def test_the_readme_says_how_many_there_are():
    page = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    measures = sum(len(pack) for pack in PACKS.values())
    assert f"all {len(KPIS)}, and {measures} of industry packs" in page


def test_the_families_come_in_the_agreed_order():
    assert tuple(AGREED["kpis"]) == FAMILIES
    assert tuple(dict.fromkeys(kpi.family for kpi in DECLARED.values())) == (
        *FAMILIES,
        PACKS_FAMILY,
    )


@pytest.mark.parametrize("kpi", KPIS)
def test_a_kpi_is_declared_as_it_was_agreed(kpi):
    wanted, ours = KPIS[kpi], DECLARED[kpi]
    assert {word: getattr(ours, word) for word in WORDS} == {word: wanted[word] for word in WORDS}
    assert set(ours.scopes) == scopes_of(wanted)
    assert figures_of(ours.benchmark) == wanted.get("benchmark")
    assert ours.compare_direct == (wanted.get("compare") == "direct")
    assert (ours.formula.model if isinstance(ours.formula, Modelled) else None) == wanted.get(
        "model"
    )


@pytest.mark.parametrize("kpi", KPIS)
def test_a_kpi_needs_exactly_the_tables_that_were_agreed(kpi):
    # The table partners is always there: who reads it beside others needs nothing more.
    agreed = tables_of(KPIS[kpi])
    assert set(DECLARED[kpi].needs) - ({"partners"} - agreed) == agreed


FORMULAS = {k.id: k.formula for k in OF_FAMILIES if isinstance(k.formula, Formula)}


def test_the_kpis_that_add_up_over_a_period_are_those_that_were_agreed():
    assert {kpi for kpi, of in FORMULAS.items() if of.is_sum_of_period} == set(AGREED["adds_up"])


def test_the_kpis_that_stand_on_an_earlier_period_are_those_that_were_agreed():
    assert {kpi: [*of.lags] for kpi, of in FORMULAS.items() if of.lags} == {
        kpi: [base] for kpi, base in AGREED["bases"].items()
    }


def test_the_tables_that_a_kpi_can_do_without_are_those_that_were_agreed():
    optional: dict[str, set[str]] = {}
    for kpi, formula in FORMULAS.items():
        for table in formula.optional:
            optional.setdefault(table, set()).add(kpi)
    assert optional == {table: set(kpis) for table, kpis in AGREED["optional"].items()}


@pytest.mark.parametrize("kpi", [kpi.id for kpi in DECLARED.values()])
def test_what_a_kpi_needs_are_columns_of_the_contract(kpi):
    for table, columns in DECLARED[kpi].needs.items():
        assert columns <= set(TABLES[table].columns), table


def test_a_published_claim_names_its_source():
    claims = [kpi.benchmark for kpi in DECLARED.values() if kpi.benchmark is not None]
    assert len(claims) >= sum("benchmark" in wanted for wanted in KPIS.values()) == 8
    assert [claim for claim in claims if not claim.source.strip()] == []


def test_the_packs_hold_the_measures_that_were_agreed():
    ours = {i: {m: list(wanted) for m, wanted in pack.items()} for i, pack in PACKS.items()}
    assert ours == AGREED["industry_packs"]
    measures = [kpi for kpi in DECLARED.values() if kpi.family == PACKS_FAMILY]
    assert len(measures) == sum(len(pack) for pack in PACKS.values()) == 30
    attributes = {(k.audience, k.cadence, k.accountable, k.scopes, *k.needs) for k in measures}
    assert attributes == {("shared", "quarter", "both", SCOPES, "observations")}


@pytest.mark.parametrize(("ours", "name"), [(PROFILES, "profiles"), (GOALS, "goals")])
def test_profiles_and_goals_name_the_kpis_that_were_agreed(ours, name):
    assert {key: list(kpis) for key, kpis in ours.items()} == AGREED[name]
    assert {kpi for kpis in ours.values() for kpi in kpis} <= set(DECLARED)


def test_there_is_a_profile_for_each_partner_type_and_a_list_for_each_goal():
    assert set(PROFILES) == set(TABLES["partners"].columns["partner_type"].choices)
    assert set(GOALS) == set(TABLES["objectives"].columns["goal"].choices)


def test_each_attribution_model_that_was_agreed_has_its_kpi():
    assert list(get_args(Model)) == AGREED["attribution"]
    models = {model: DECLARED[f"{model}_revenue"].formula.value.model for model in get_args(Model)}
    assert models == {model: model for model in get_args(Model)}


@pytest.mark.parametrize("kpi", OF_FAMILIES, ids=lambda kpi: kpi.id)
def test_a_definition_is_one_sentence_and_its_notes_are_sentences(kpi: Kpi):
    assert re.fullmatch(r"[A-Z][^`\n]+\.", kpi.definition), kpi.definition
    assert kpi.definition.rstrip(".").lower() != kpi.name.lower()
    assert [note for note in kpi.notes if not re.fullmatch(r"[A-Z`].+\.", note)] == []


def test_a_note_names_in_code_what_there_is():
    settings = set(Settings.model_fields) | set(type(Settings().models).model_fields)
    named = {
        word
        for kpi in DECLARED.values()
        for note in kpi.notes
        for word in re.findall(r"`([^`]+)`", note)
    }
    assert named - set(DECLARED) - settings == set()


def test_no_two_kpis_share_a_name():
    names = [kpi.name for kpi in DECLARED.values()]
    assert [name for name in names if names.count(name) > 1] == []


@pytest.mark.parametrize(
    ("kpi", "denominator", "is_so"),
    [
        ("revenue", None, False),
        ("otif_rate", 40.0, True),
        ("interactions_per_week", 13.0, False),
        ("orders_per_month", 3.0, False),
        ("revenue_share", 9.0, False),
        ("market_share", 9.0, False),
        ("market_share_growth", None, False),
        ("brand_awareness_increase", None, True),
        ("cac_reduction", None, True),
        ("sales_cycle_median_days", None, True),
        ("dso_countback_days", None, True),
        ("active_weeks", 26.0, True),
        ("health_score", None, False),
        ("targets_met", 5.0, False),
        ("lifetime_value", None, False),
        ("customer_lifetime_value", 9.0, True),
        ("user_adoption", 9.0, True),
        ("sell_through_volume", None, False),
    ],
)
def test_a_partner_is_held_against_many_by_what_does_not_grow_with_their_number(
    kpi, denominator, is_so
):
    assert is_comparable(catalogue()[kpi], denominator) == is_so


def test_what_is_to_be_expected_is_called_revenue_where_orders_have_no_cost():
    known = catalogue_of(Settings(), has_cost=False)
    for kpi_id in ("customer_lifetime_value", "lifetime_value", "lifetime_value_to_cac"):
        kpi = known[kpi_id]
        assert kpi.name.startswith("Expected revenue")
        words = f"{kpi.definition} {kpi.formula.value}".lower()
        assert "margin" not in words
        assert "lifetime value" not in words
    assert known["gross_margin"] == catalogue()["gross_margin"]
    assert catalogue_of(Settings()) == catalogue()
