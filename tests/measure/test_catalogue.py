"""The catalogue that people read, against the one that the independent implementation wrote out."""

import pytest

from kpi_lib.engine.formula import Formula
from kpi_lib.engine.scopes import ATTRIBUTES, SCOPES
from kpi_lib.kpis.catalogue import catalogue
from tests.independent.catalogue import CATALOGUE, PACKS

OURS = catalogue()
MADE_BY_MODELS = {name for name, kpi in CATALOGUE.items() if "model_" in " ".join(kpi.tables)}


def scopes_of(kpi):
    """Return the scopes as the catalogue means them: what stands for types stands for tiers too."""
    named = kpi.scopes or ("partner", "partner_type", "portfolio", "direct", "company")
    wide = ATTRIBUTES if "partner_type" in named else ()
    return tuple(scope for scope in SCOPES if scope in (*named, *wide))


def test_every_kpi_is_there_though_models_make_theirs_elsewhere():
    assert set(OURS) <= set(CATALOGUE) | set(PACKS)
    assert (set(CATALOGUE) | set(PACKS)) - set(OURS) <= MADE_BY_MODELS


def test_families_stand_in_the_catalogues_order_and_their_first_kpi_leads():
    families = list(dict.fromkeys(kpi.family for kpi in OURS.values()))
    assert families == [*dict.fromkeys(kpi.family for kpi in CATALOGUE.values()), "industry"]
    assert list(OURS)[:2] == ["revenue", "revenue_growth"]


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name not in MADE_BY_MODELS])
def test_a_kpi_is_said_to_be_what_it_is(name):
    ours, theirs = OURS[name], CATALOGUE[name]
    for said in ("family", "unit", "better", "cadence", "accountable", "audience"):
        assert getattr(ours, said) == getattr(theirs, said), said
    assert ours.scopes == scopes_of(theirs)
    grows = isinstance(ours.formula, Formula) and ours.formula.adds_up
    assert grows == (theirs.adds_up or name == "quota_attainment")
    assert (ours.benchmark is None) == (theirs.benchmark is None)


@pytest.mark.parametrize("name", PACKS)
def test_a_packs_kpi_is_said_to_be_what_it_is(name):
    ours = OURS[name]
    assert (ours.formula.industry, ours.unit, ours.better) == PACKS[name]
    assert (ours.family, ours.cadence, ours.audience) == ("industry", "quarter", "shared")


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name not in MADE_BY_MODELS])
def test_a_kpi_names_the_tables_it_is_made_of(name):
    partners = {"partners"}  # are always there
    assert set(OURS[name].needs) | partners == set(CATALOGUE[name].tables) | partners
