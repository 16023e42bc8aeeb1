"""Every notebook obeys the same rules; new ones are picked up by themselves."""

import ast
import re

import nbformat
import pytest
from nbclient import NotebookClient

from kpi_lib import paths
from kpi_lib.batch.parameters import declared
from kpi_lib.batch.run_pages import NOTEBOOKS as NOTEBOOKS_OF_RUN
from kpi_lib.publish.exporter import about

FOLDER = paths.package().parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda file: file.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def test_the_first_cell_says_the_question_and_the_second_holds_the_settings(notebook):
    first, second = notebook.cells[:2]
    assert first.cell_type == "markdown"
    assert "?" in first.source
    assert "owned by" in first.source
    assert second.metadata.tags == ["parameters"]


def test_it_is_committed_without_outputs_and_with_its_kernel(notebook):
    assert notebook.metadata.kernelspec.name == "python3"
    nbformat.validate(notebook)
    for cell in code(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None


def test_cells_are_short_and_hold_no_logic(notebook):
    for cell in code(notebook):
        assert len(cell.source.splitlines()) <= 12
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(
                node, ast.FunctionDef | ast.ClassDef | ast.For | ast.While | ast.Lambda
            )
        assert not re.search(r"%run|chdir|sys\.path|pip |import \*|read_|SELECT", cell.source)


def test_there_is_one_cell_of_imports(notebook):
    importing = [
        cell for cell in code(notebook) if re.search(r"^(from|import) ", cell.source, re.M)
    ]
    assert len(importing) == 1


def test_prose_has_no_typed_number(notebook):
    for cell in prose(notebook):
        assert not re.search(r"\d", cell.source), cell.source


def test_the_settings_are_used_once_and_never_below(notebook):
    names = declared(FOLDER / f"{notebook_name(notebook)}.ipynb")
    using = [
        cell.id
        for cell in code(notebook)[1:]
        if names.keys()
        & {n.id for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Name)}
    ]
    assert len(using) == 1


def notebook_name(notebook):
    return next(f.stem for f in NOTEBOOKS if nbformat.read(f, as_version=4) == notebook)


def test_the_last_section_says_how_it_was_made(notebook):
    assert prose(notebook)[-1].source.startswith("## How this was made")
    assert "made()" in code(notebook)[-1].source


@pytest.mark.parametrize("file", NOTEBOOKS_OF_RUN)
def test_a_notebook_of_the_run_takes_what_the_batch_gives(file):
    names = declared(FOLDER / file)
    assert tuple(names) == NOTEBOOKS_OF_RUN[file]
    assert {value for name, value in names.items() if name != "period"} == {""}


@pytest.mark.notebook
@pytest.mark.parametrize("name", [file.stem for file in NOTEBOOKS])
def test_it_runs_as_it_stands_from_its_own_folder_as_in_jupyterlab(name, monkeypatch, tmp_path):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(FOLDER)}})
    client.execute()
    described = about(notebook)
    assert described["parts"][-1] == "made"
    assert described["period"] == "2011-Q3"


def test_the_scorecard_takes_what_the_batch_gives():
    names = declared(FOLDER / "partner_scorecard.ipynb")
    assert list(names) == ["partner_id", "period", "as_of", "edition", "slice"]
    assert names["slice"] == ""
    assert names["edition"] == "partner"
