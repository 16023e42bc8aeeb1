"""Parameters are held against the notebook before anything runs."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, writes

from kpi_lib.batch.parameters import declared, require_declared
from kpi_lib.errors import RunError


@pytest.fixture
def notebook(tmp_path):
    def write(source, tags=("parameters",)):
        file = tmp_path / "card.ipynb"
        cell = new_code_cell(source, metadata={"tags": list(tags)})
        file.write_text(writes(new_notebook(cells=[cell])))
        return file

    return write


def test_the_cell_is_read_as_python_reads_it(notebook):
    file = notebook('partner_id = "a = b"  # whose\nn = 3\nnames = ["x", "y"]\non = True')
    assert declared(file) == {"partner_id": "a = b", "n": 3, "names": ["x", "y"], "on": True}


def test_a_misspelt_parameter_stops_the_run_before_it_starts(notebook):
    with pytest.raises(
        RunError, match=r"no parameter partner, period_x; .* declares partner_id, period"
    ):
        require_declared(
            notebook('partner_id = ""\nperiod = ""'),
            [{"partner_id": "x", "period_x": "y"}, {"partner": "x"}],
        )
    require_declared(notebook('partner_id = ""'), [{"partner_id": "x"}])


@pytest.mark.parametrize(
    "line",
    ["x: int | None = None", "x = y = 1", "import os", "x = os.getcwd()", "x.y = 1", "x = {}"],
)
def test_a_line_that_is_no_plain_assignment_is_refused(notebook, line):
    with pytest.raises(RunError, match=r"line 2: .* is no plain assignment"):
        declared(notebook(f"a = 1\n{line}"))


def test_a_notebook_needs_one_cell_of_parameters(notebook):
    with pytest.raises(RunError, match="0 cells tagged 'parameters'"):
        declared(notebook("x = 1", tags=()))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, "no such notebook"),
        ("not json", "it is no notebook"),
        (
            '{"cells": [{"metadata": {"tags": ["parameters"]}, "source": ["x ="]}]}',
            "parameters cell",
        ),
    ],
)
def test_a_file_that_is_no_notebook_is_named(tmp_path, text, found):
    file = tmp_path / "card.ipynb"
    if text is not None:
        file.write_text(text)
    with pytest.raises(RunError, match=found):
        declared(file)
