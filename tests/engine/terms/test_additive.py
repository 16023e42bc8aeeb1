"""The names under which parts are counted, on every engine."""

from kpi_lib.engine.formula import Formula, Part
from kpi_lib.kpis.catalogue import catalogue

PARTS = {
    part.key: part
    for kpi in catalogue().values()
    if isinstance(kpi.formula, Formula)
    for part in kpi.formula.parts
    if isinstance(part, Part)
}


def test_no_name_of_a_part_is_a_path_to_spark():
    names = [part.column for part in PARTS.values()]
    assert len(names) > 100
    assert [name for name in names if "." in name or "`" in name] == []


def test_names_of_different_parts_differ_without_regard_to_case_as_spark_compares_them():
    assert len({part.column.lower() for part in PARTS.values()}) == len(PARTS)
