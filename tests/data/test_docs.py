from __future__ import annotations

import re
from pathlib import Path

import pytest

from kpi_lib.data.contract import TABLES
from kpi_lib.data.mapping import OPERATIONS, ColumnMap, FileMap, TableMap
from tests.data.broken import BROKEN, Broken
from tests.data.test_broken import what_is_said

DOCS = Path(__file__).parents[2] / "docs"
ENTRY = re.compile(r"### (.+)\n\n```text\n(.+)\n```")


@pytest.mark.parametrize("table", TABLES)
def test_the_page_on_data_has_every_column_of_a_table(table):
    page = (DOCS / "data.md").read_text(encoding="utf-8")
    section = page.partition(f"### {table}\n")[2].partition("\n### ")[0]
    rows = {line.split("`")[1]: line for line in section.splitlines() if line.startswith("| `")}
    missing = TABLES[table].columns.keys() - rows.keys()
    assert sorted(missing) == [], f"give each a row in the section {table} of docs/data.md"
    for column in TABLES[table].columns.values():
        row = rows[column.name]
        assert f"-> {column.references}" in row or not column.references
        assert all(choice in row for choice in column.choices)
        assert row.startswith(f"| `{column.name}`?") == column.nullable


def test_the_page_on_data_has_every_word_of_a_mapping():
    page = (DOCS / "data.md").read_text(encoding="utf-8").partition("## Mappings")[2]
    words = {*OPERATIONS, *ColumnMap.model_fields, *FileMap.model_fields, *TableMap.model_fields}
    for word in words - {"from_"}:
        assert re.search(rf"`[^`]*\b{word}\b[^`]*`", page), word


def test_the_page_on_errors_shows_the_messages_as_they_are(tmp_path):
    page = (DOCS / "errors.md").read_text(encoding="utf-8")
    by_name = {broken.name.lower(): broken for broken in BROKEN}
    entries = ENTRY.findall(page)
    assert len(entries) >= 30
    for number, (title, message) in enumerate(entries):
        assert message == _first_line(by_name[title.lower()], tmp_path / str(number)), title


def _first_line(broken: Broken, project: Path) -> str:
    broken.write(project)
    return what_is_said(project).replace(f"{project}/", "").splitlines()[0]
