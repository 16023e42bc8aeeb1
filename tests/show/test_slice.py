"""A slice is all that a page may know."""

import pytest

from kpi_lib.audience import EDITIONS
from kpi_lib.errors import RunError
from kpi_lib.show.common.slice import Slice
from tests import given


def test_a_slice_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RunError, match=r"there is no slice\.json"):
        Slice.read(tmp_path)


def test_a_slice_that_is_cut_off_is_named(tmp_path):
    (tmp_path / "slice.json").write_text('{"edition": ')
    with pytest.raises(RunError, match="cannot be read"):
        Slice.read(tmp_path)


def test_a_slice_reads_back_as_it_was_written(tmp_path):
    card = Slice.read(given.write(given.rich(), tmp_path))
    assert card.name == "Germany"
    assert str(card.period) == "2011-Q3"
    assert card.measures["revenue"].value == 64321.75
    assert [m.kpi for m in card.profile] == given.PROFILE


def test_a_partner_without_a_name_goes_by_its_id():
    raw = given.rich()
    raw["partner"]["name"] = None
    assert given.card_of(raw).name == "Germany"


def test_few_cases_are_said_of_shares_and_never_of_counts():
    measures = given.card_of(given.rich()).measures
    assert measures["customer_nps"].is_small  # 17 answers
    assert not measures["new_customers"].is_small  # 9 customers are what it says
    assert not measures["otif_rate"].is_small  # 340 deliveries


def test_a_course_needs_two_values_that_are_not_all_nothing():
    measures = given.card_of(given.tiny()).measures
    assert measures["orders"].has_course
    raw = given.tiny()
    for point in raw["history"]["orders"]:
        point["value"] = 0
    assert not given.card_of(raw).measures["orders"].has_course


def test_a_partner_with_no_orders_is_idle():
    assert given.card_of(given.tiny()).is_idle
    assert not given.card_of(given.rich()).is_idle


def test_a_partner_is_told_of_no_number_of_others_and_the_company_is():
    coarse, exact = (given.card_of(given.rich(e)).measures["revenue"].standing for e in EDITIONS)
    assert (coarse.is_coarse, coarse.others) == (True, None)
    assert (exact.is_coarse, exact.others) == (False, 38)
    assert given.card_of(given.no_targets_no_peers()).measures["revenue"].standing is None
