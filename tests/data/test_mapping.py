from __future__ import annotations

import pytest

from kpi_lib.data.dataset import check_dataset
from kpi_lib.errors import SettingsError
from tests.data.folders import HEADERS, JOINED


def said(project, mapping: str) -> list[str]:
    (project.folder / "export.csv").write_text("No,Day,A\n1,2024-01-31,5\n")
    with pytest.raises(SettingsError) as error:
        check_dataset(project.settings(mapping), workspace=project.workspace)
    return [
        f"{p.where.removeprefix('params/mappings/shop.yml ')}: {p.found} {p.todo}"
        for p in error.value.problems
    ]


def test_all_that_is_wrong_with_the_form_of_a_mapping_is_reported_at_once(project):
    faults = said(
        project,
        "files:\n"
        "  a: {file: x.csv, delimitr: ';'}\n"
        "  b: {file: x.csv, encoding: latin1}\n"
        "tables:\n"
        "  orders:\n"
        "    form: b\n"
        "    columns:\n"
        "      amount: {column: A, constant: 3}\n"
        "      cost: {multiply: [A, B, C]}\n"
        "      quantity: {column: Q, sign: minus}\n"
        "      status: {column: Q, values: {a: [1]}}\n"
        "      channel: {split: Q}\n"
        "      currency: {sql: select 1}\n",
    )
    assert [fault.split(":")[0] for fault in faults] == [
        f"line {number}" for number in (2, 3, 5, 6, 8, 9, 10, 11, 12, 13)
    ]
    text = "\n".join(faults)
    for part in (
        "unknown key files.a.delimitr Did you mean delimiter?",
        "Did you mean latin-1?",
        "tables.orders.from is missing",
        "unknown key tables.orders.form Did you mean from?",
        "has column and constant",
        "it should have at most 2 items, not 3",
        "sign is 'minus': it should be 'negate', 'positive' or 'negative'",
        "it should be a single value",
        "split and at belong together",
        "unknown key tables.orders.columns.currency.sql",
    ):
        assert part in text, part


def test_names_that_the_contract_or_the_mapping_does_not_have_are_reported_at_once(project):
    faults = said(
        project,
        "files: {f: {file: export.csv}}\n"
        "tables:\n"
        "  order: {from: f}\n"
        "  orders:\n"
        "    from: ff\n"
        "    join: {header: g, on: {a: b}}\n"
        "    group_by: [No]\n"
        "    columns:\n"
        "      order_di: No\n"
        "      amount: A\n"
        "  customers:\n"
        "    from: f\n"
        "    columns:\n"
        "      acquired_on: {column: Day, aggregate: min}\n",
    )
    assert faults == [
        "line 3: the contract has no table order Did you mean orders?",
        "line 5: there is no 'ff' under files Did you mean f?",
        "line 6: there is no 'g' under files There are: f.",
        "line 9: the contract's orders has no column order_di Did you mean order_id or ordered_on?",
        "line 10: amount may differ within a group Say `aggregate:` sum, first, min, max or count.",
        "line 14: aggregates, and the table has no group_by Say group_by.",
    ]


def test_columns_that_the_source_does_not_have_are_reported_at_once(project):
    (project.folder / "headers.csv").write_text(HEADERS)
    mapping = JOINED.replace("{No: Number}", "{Nr: NumberX}").replace("h.Dealer", "h.Dealr")
    mapping = mapping.replace("[No]", "[Nummer]").replace("order_id: No", "order_id: Nummer")
    text = "\n".join(said(project, mapping))
    for name in ("'Nummer'", "'h.Dealr'", "'Nr'", "'h.NumberX'", "'Q'", "'Price'"):
        assert f"there is no column {name} in " in text
    assert "Did you mean h.Dealer" in text


@pytest.mark.parametrize(
    "text",
    [
        "tables: 3\nfiles: {}\n",
        "tables: {orders: 3}\nfiles: {}\n",
        "tables: {orders: {from: f, columns: 3}}\nfiles: {}\n",
        "",
    ],
)
def test_what_is_no_mapping_is_named(project, text):
    assert said(project, text)


def test_a_word_that_would_go_unheard_is_refused(project):
    faults = said(
        project,
        "files: {f: {file: export.csv, date_format: '%d.%Q', decimal: ',', thousands: ','}}\n"
        "tables:\n"
        "  orders:\n"
        "    from: f\n"
        "    columns:\n"
        "      order_id: {column: No, part: 2}\n"
        "      amount: {add: [A, A], format: '%d.%m.%Y'}\n"
        "      ordered_on: {column: Day, format: '%m.%Y'}\n"
        "      status: {column: No, separator: x}\n",
    )
    text = "\n".join(faults)
    for part in (
        "line 1: files.f.date_format: it has %Q; use %d %m %Y %y %b %H %M %S",
        "line 6: tables.orders.columns.order_id: part does not go with column",
        "line 7: tables.orders.columns.amount: format does not go with add",
        "it should have a day %d, a month %m and a year %Y",
        "separator does not go with column",
    ):
        assert part in text, part


def test_one_sign_cannot_stand_for_decimals_and_for_thousands(project):
    faults = said(
        project,
        "files: {f: {file: export.csv, thousands: ','}, g: {file: x.csv, thousands: .}}\n"
        "tables:\n"
        "  orders:\n"
        "    from: f\n"
        "    columns: {amount: {column: A, decimal: ','}}\n",
    )
    assert [fault.partition(":")[0] for fault in faults] == ["line 1", "line 5"]
    assert "is the sign of decimals and of thousands" in faults[1]
