from __future__ import annotations

from pathlib import Path

import pytest

from kpi_lib.data.dataset import check_dataset, load_dataset
from kpi_lib.data.faults import format_faults
from kpi_lib.errors import ScorecardError
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.settings import load_settings
from tests.data.broken import BROKEN, Broken, write_good
from tests.rights import as_anybody


def what_is_said(project: Path) -> str:
    try:
        settings = load_settings(project / "params" / "project.yml")
        faults = check_dataset(settings, workspace=project / ".work", kpis=facts_of(settings))
    except ScorecardError as error:
        return str(error)
    return format_faults(faults)


def test_there_are_thirty_kinds_at_least():
    assert len({broken.name for broken in BROKEN}) == len(BROKEN) >= 30


def test_of_good_input_nothing_is_said(tmp_path):
    write_good(tmp_path)
    assert what_is_said(tmp_path) == "No faults."


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_broken_input_is_named_as_what_it_is(broken: Broken, tmp_path):
    broken.write(tmp_path)
    with as_anybody():
        said = what_is_said(tmp_path)
    assert [part for part in broken.expected if part not in said] == [], said
    assert "Traceback" not in said


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_nothing_is_loaded_from_broken_input(broken: Broken, tmp_path):
    broken.write(tmp_path)
    with as_anybody(), pytest.raises(ScorecardError) as error:
        settings = load_settings(tmp_path / "params/project.yml")
        load_dataset(settings, workspace=tmp_path / ".work", kpis=facts_of(settings))
    assert [part for part in broken.expected if part not in str(error.value)] == []
