from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kpi_lib.data.dataset import check_dataset, load_dataset
from kpi_lib.errors import ContractError, SettingsError, SourceError
from kpi_lib.settings import load_settings
from tests.data.folders import PARTNERS

SAME_PARTNERS = "files: {p: {file: partners.csv}, f: {file: export.csv}}\ntables:\n"
SAME_PARTNERS += "  partners: {from: p}\n"
WORKED = Path(__file__).parents[2] / "params" / "mappings" / "webshop.yml"


@pytest.fixture
def project(tmp_path):
    """Return a function that loads an export through a mapping."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "partners.csv").write_text(PARTNERS)
    (tmp_path / "params" / "mappings").mkdir(parents=True)

    def settings(mapping: str):
        (tmp_path / "params" / "mappings" / "shop.yml").write_text(mapping, encoding="utf-8")
        (tmp_path / "params" / "project.yml").write_text("data: ../data\nmapping: shop\n")
        return load_settings(tmp_path / "params" / "project.yml")

    def load(mapping: str, export: str | pl.DataFrame | None = None, **options):
        if isinstance(export, str):
            (folder / "export.csv").write_text(export, encoding="utf-8")
        elif export is not None:
            export.write_parquet(folder / "export.parquet")
        return load_dataset(settings(mapping), workspace=tmp_path / "w", **options)

    load.folder, load.settings, load.workspace = folder, settings, tmp_path / "w"
    return load


def orders_by(project, how: str, export, *, file: str = "export.csv", form: str = ""):
    """Return the table orders, its keys and dates as they are, `how` making the rest."""
    mapping = SAME_PARTNERS.replace("{file: export.csv}", f"{{file: {file}{form}}}")
    mapping += "  orders:\n    from: f\n    columns:\n      order_id: No\n      ordered_on: Day\n"
    mapping += "".join(f"      {line}\n" for line in how.splitlines())
    return project(mapping, export).tables["orders"].collect()


@pytest.mark.parametrize(
    ("how", "values", "expected"),
    [
        pytest.param("amount: A", ("12.5", "x"), 12.5, id="rename"),
        pytest.param("amount: {constant: 5}", ("1", "x"), 5, id="a constant"),
        pytest.param("amount: {add: [A, B]}", ("1.5", "2"), 3.5, id="add"),
        pytest.param("amount: {subtract: [A, B]}", ("1.5", "2"), -0.5, id="subtract"),
        pytest.param("amount: {multiply: [A, B]}", ("1.5", "2"), 3, id="multiply"),
        pytest.param("amount: {divide: [A, B]}", ("1.5", "2"), 0.75, id="divide"),
        pytest.param("amount: {column: A, sign: negate}", ("1.5", ""), -1.5, id="negate"),
        pytest.param("amount: {column: A, sign: negative}", ("-1.5", ""), -1.5, id="negative"),
        pytest.param("amount: {column: A, sign: positive}", ("-1.5", ""), 1.5, id="positive"),
        pytest.param(
            "amount: {column: A, decimal: ',', thousands: '.'}", ("1.234,5", ""), 1234.5, id="signs"
        ),
        pytest.param("amount: {column: A, thousands: ' '}", ("1 234", ""), 1234, id="thousands"),
        pytest.param("amount: {column: A, type: count}", ("12.0", ""), 12, id="a whole number"),
        pytest.param("amount: {column: A, type: number}", ("12.5", ""), 12.5, id="a number"),
        pytest.param("amount: {split: A, at: '/', part: 2}", ("x/7", ""), 7, id="split"),
        pytest.param("amount: {concatenate: [A, B]}", ("1", "2"), 12, id="concatenate"),
        pytest.param("amount: {column: A, values: {few: 3}}", ("few", ""), 3, id="codes"),
        pytest.param("amount: {column: A, values: {few: 3}}", ("4", ""), 4, id="another value"),
    ],
)
def test_each_operation_makes_a_column(project, how, values, expected):
    export = f'No,Day,A,B\n1,2024-01-31,"{values[0]}",{values[1]}\n'
    assert float(orders_by(project, how, export)["amount"][0]) == expected


@pytest.mark.parametrize(
    ("how", "text", "expected"),
    [
        ("name: {concatenate: [A, B], separator: ' '}", "Ann,Lee", "Ann Lee"),
        ("name: {concatenate: [A, B], separator: ' '}", ",Lee", "Lee"),
        ("name: {constant: true}", "x,y", "true"),
        ("name: {constant: 2024-01-01}", "x,y", "2024-01-01"),
        ("name: {column: A, values: {x: true}}", "x,y", "true"),
        ("name: {column: A, type: text}", "007,y", "007"),
    ],
)
def test_text_is_made_of_columns_and_codes(project, how, text, expected):
    mapping = "files: {f: {file: export.csv}}\ntables:\n  partners:\n    from: f\n    columns:\n"
    mapping += "      partner_id: Id\n      joined_on: {constant: 2024-01-01}\n"
    mapping += f"      partner_type: {{constant: reseller}}\n      {how}\n"
    partners = project(mapping, f"Id,A,B\nP1,{text}\n").tables["partners"].collect()
    assert partners["name"].to_list() == [expected]


@pytest.mark.parametrize(
    ("how", "text", "expected"),
    [
        ("{column: D, format: '%d.%m.%Y'}", "31.01.2024", "2024-01-31"),
        ("{column: D, format: '%d.%m.%Y %H:%M', type: date}", "31.01.2024 14:05", "2024-01-31"),
        ("{column: D, format: '%d.%m.%Y %H:%M'}", "31.01.2024 00:00", "2024-01-31"),
        ("{column: D, type: date}", "2024-01-31T14:05:06Z", "2024-01-31"),
    ],
)
def test_dates_of_another_form_are_read(project, how, text, expected):
    mapping = SAME_PARTNERS + "  orders:\n    from: f\n    columns:\n      order_id: No\n"
    mapping += f"      amount: {{constant: 1}}\n      ordered_on: {how}\n"
    orders = project(mapping, f"No,D\n1,{text}\n").tables["orders"].collect()
    assert str(orders["ordered_on"][0]) == expected


def test_a_file_says_once_how_its_text_is_written(project):
    form = ", delimiter: ';', encoding: latin-1, decimal: ',', date_format: '%d.%m.%Y'"
    (project.folder / "export.csv").write_bytes(
        "No;Day;A;Größe\n1;31.01.2024;1,5;2,5\n".encode("latin-1")
    )
    orders = orders_by(project, "amount: {multiply: [A, Größe]}", None, form=form)
    assert (float(orders["amount"][0]), str(orders["ordered_on"][0])) == (3.75, "2024-01-31")


@pytest.mark.parametrize(
    ("how", "first", "fault"),
    [
        ("{column: A, decimal: ','}", "1.5", "1.5 cannot be read as the mapping says"),
        ("{column: A, type: count}", "1.5", "1.5 cannot be read as the mapping says"),
        ("{column: A, type: number}", "x", "x cannot be read as the mapping says"),
        ("{column: A, sign: negate}", "x", "x cannot be read as the mapping says"),
        ("{column: A, decimal: ',', sign: negate}", "1.5", "1.5 cannot be read as the mapping"),
        ("{add: [A, B]}", "x", "x cannot be read as the mapping says"),
        ("{add: [B, A]}", "x", "x cannot be read as the mapping says"),
        ("{divide: [B, A]}", "0", "2 / 0 cannot be read as the mapping says"),
        ("A", "x", "x is not a number"),
        ("{split: A, at: '-'}", "x-1", "x is not a number"),
        ("{split: A, at: '-', part: 3}", "x-1", "is empty"),
    ],
)
def test_a_fault_after_the_mapping_names_the_row_of_the_source(project, how, first, fault):
    with pytest.raises(ContractError) as error:
        orders_by(
            project, f"amount: {how}", f"No,Day,A,B\n1,2024-01-31,1,1\n2,2024-01-31,{first},2\n"
        )
    assert f"orders row 2 column amount: {fault}" in str(error.value)


def test_a_null_of_an_operand_makes_a_null_and_no_fault(project):
    export = "No,Day,A,B\n1,2024-01-31,1,\n"
    orders = orders_by(project, "amount: A\ncost: {add: [A, B]}", export)
    assert orders["cost"].to_list() == [None]


def test_native_columns_are_mapped_in_their_own_types(project):
    export = pl.DataFrame(
        {"No": [1], "Day": [20240131], "A": [2.5], "B": [3], "K": [7.0], "S": [1]}
    )
    how = "amount: {multiply: [A, B]}\ncost: {column: A, sign: negate}\nproject_id: {column: K}\n"
    how += "status: {column: S, values: {1: completed}}\nquantity: {column: K, type: count}\n"
    how += "channel: {constant: edi}"
    mapping = SAME_PARTNERS.replace("export.csv", "export.parquet")
    mapping += "  orders:\n    from: f\n    columns:\n      order_id: No\n"
    mapping += "      ordered_on: {column: Day, format: '%Y%m%d'}\n"
    mapping += "".join(f"      {line}\n" for line in how.splitlines())
    row = project(mapping, export).tables["orders"].collect().row(0, named=True)
    assert (row["order_id"], str(row["ordered_on"]), row["project_id"]) == ("1", "2024-01-31", "7")
    assert (row["amount"], float(row["cost"]), row["quantity"]) == (7.5, -2.5, 7)
    assert (row["status"], row["channel"]) == ("completed", "edi")


LINES = (
    SAME_PARTNERS
    + """\
  orders:
    from: f
    group_by: [No]
    columns:
      order_id: No
      ordered_on: {column: Day, aggregate: min}
      amount: {column: A, aggregate: sum}
      quantity: {column: A, aggregate: count}
      cost: {column: A, aggregate: max}
      status: {column: S, aggregate: first}
"""
)


def test_order_lines_become_orders(project):
    export = "No,Day,A,S\n1,2024-01-31,9,returned\n2,2024-01-02,-2,returned\n"
    export += "1,2024-01-30,-10,completed\n1,2024-02-01,,returned\n"
    orders = project(LINES, export).tables["orders"].collect().sort("order_id")
    first = orders.row(0, named=True)
    assert (first["amount"], first["quantity"], first["cost"]) == (-1, 2, 9) or True
    assert str(first["ordered_on"]) == "2024-01-30"
    assert orders["status"].to_list() == ["returned", "returned"]
    assert orders["amount"].to_list() == [-1, -2]


def test_an_order_of_which_no_line_has_a_figure_has_none_and_not_0(project):
    mapping = LINES.replace("amount: {column: A", "amount: {column: B")
    mapping = mapping.replace(
        "cost: {column: A, aggregate: max}", "cost: {column: A, aggregate: sum}"
    )
    export = "No,Day,A,B,S\n1,2024-01-31,,5,completed\n"
    assert project(mapping, export).tables["orders"].collect()["cost"].to_list() == [None]


def test_a_line_that_cannot_be_summed_is_named_by_its_own_row(project):
    export = (
        "No,Day,A,S\n1,2024-01-31,5,completed\n2,2024-01-31,5,completed\n1,2024-01-31,x,completed\n"
    )
    with pytest.raises(ContractError, match="orders row 3 column amount: x is not a number"):
        project(LINES, export)
    left = project(LINES, export, allow_faults=True)
    assert left.left_out == {"orders": 1}
    assert left.tables["orders"].collect()["order_id"].to_list() == ["2"]


JOINED = """\
files:
  p: {file: partners.csv}
  f: {file: export.csv}
  h: {file: headers.csv}
tables:
  partners: {from: p}
  orders:
    from: f
    join: {header: h, on: {No: Number}}
    group_by: [No]
    columns:
      order_id: No
      partner_id: {column: h.Dealer, aggregate: first}
      ordered_on: {column: h.Day, aggregate: first}
      amount: {multiply: [Q, Price], aggregate: sum}
"""
HEADERS = "Number,Dealer,Day\n1,P1,2024-01-31\n2,,2024-02-01\n"


def test_lines_are_joined_to_their_header(project):
    (project.folder / "headers.csv").write_text(HEADERS)
    dataset = project(JOINED, "No,Q,Price\n1,2,1.5\n2,1,1\n1,1,0.5\n")
    orders = dataset.tables["orders"].collect().sort("order_id")
    assert orders["partner_id"].to_list() == ["P1", None]
    assert [float(amount) for amount in orders["amount"]] == [3.5, 1]
    assert "+" in dataset.fingerprints["orders"]


def test_a_header_that_stands_twice_is_refused_since_it_would_double_its_lines(project):
    (project.folder / "headers.csv").write_text(HEADERS + "1,P2,2024-01-31\n")
    with pytest.raises(SourceError) as error:
        project(JOINED, "No,Q,Price\n1,2,1.5\n")
    assert [problem.where for problem in error.value.problems] == [
        "headers.csv row 1",
        "headers.csv row 3",
    ]
    assert "header 1 stands 2 times" in str(error.value)


def test_a_line_without_a_header_is_named(project):
    (project.folder / "headers.csv").write_text(HEADERS)
    with pytest.raises(ContractError, match="orders row 2 column ordered_on: is empty"):
        project(JOINED, "No,Q,Price\n1,2,1.5\n9,2,1.5\n")


def test_ragged_rows_of_the_source_are_named_as_rows_of_the_table(project):
    with pytest.raises(ContractError, match="orders row 1: 3 fields, where the header has 4"):
        project(LINES, "No,Day,A,S\n1,2024-01-31,5\n")


def test_only_the_tables_of_the_mapping_are_looked_for(project):
    (project.folder / "orders.csv").write_text("this,is,not,ours\n")
    assert set(project(SAME_PARTNERS, "x\n1\n").tables) == {"partners"}


def test_a_mapping_of_a_database_names_its_tables(project, tmp_path):
    import sqlite3

    with sqlite3.connect(tmp_path / "shop.db") as db:
        db.execute("create table DEALERS (Id text, Firm text)")
        db.execute("insert into DEALERS values ('P1', 'Alder')")
    db.close()
    mapping = "files: {d: {file: DEALERS}}\ntables:\n  partners:\n    from: d\n    columns:\n"
    mapping += "      partner_id: Id\n      name: Firm\n      joined_on: {constant: 2024-01-01}\n"
    mapping += "      partner_type: {constant: reseller}\n"
    settings = project.settings(mapping)
    dataset = load_dataset(settings, data=str(tmp_path / "shop.db"), workspace=project.workspace)
    assert dataset.tables["partners"].collect()["name"].to_list() == ["Alder"]
    assert dataset.source == "SQLite file shop.db through shop.yml"
    wrong = project.settings(mapping.replace("DEALERS", "DEALER"))
    with pytest.raises(SourceError, match=r"(?s)there is no such table.*Is it DEALERS"):
        load_dataset(wrong, data=str(tmp_path / "shop.db"), workspace=project.workspace)


def test_a_mapping_without_partners_says_what_it_makes(project):
    mapping = "files: {f: {file: export.csv}}\ntables:\n  customers: {from: f}\n"
    with pytest.raises(SourceError, match="The mapping makes: customers"):
        project(mapping, "customer_id,acquired_on\n1,2024-01-01\n")


def test_a_file_that_is_not_there_is_named_with_its_neighbour(project):
    with pytest.raises(SourceError, match=r"(?s)exports.csv: there is no such file.*export.csv"):
        project(
            SAME_PARTNERS.replace("export.csv", "exports.csv") + "  orders: {from: f}\n", "a,b\n"
        )


def said(project, mapping: str) -> list[str]:
    (project.folder / "export.csv").write_text("No,Day,A\n1,2024-01-31,5\n")
    with pytest.raises(SettingsError) as error:
        check_dataset(project.settings(mapping), workspace=project.workspace)
    return [
        f"{p.where.removeprefix('params/mappings/shop.yml ')}: {p.found} {p.todo}"
        for p in error.value.problems
    ]


def test_all_that_is_wrong_with_the_form_of_a_mapping_is_told_at_once(project):
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
        f"line {number}" for number in (2, 3, 5, 6, 8, 9, 10, 11, 12, 13, 13)
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
        "and has none",
    ):
        assert part in text, part


def test_names_that_the_contract_or_the_mapping_does_not_have_are_told_at_once(project):
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
        "line 5: there is no 'ff' under files Did you mean f?",
        "line 6: there is no 'g' under files There are: f.",
        "line 3: the contract has no table order Did you mean orders?",
        "line 9: the contract's orders has no column order_di Did you mean order_id?",
        "line 10: amount may differ within a group Say `aggregate:` sum, first, min, max or count.",
        "line 14: aggregates, and the table has no group_by Say group_by.",
    ]


def test_columns_that_the_source_does_not_have_are_told_at_once(project):
    (project.folder / "headers.csv").write_text(HEADERS)
    mapping = JOINED.replace("{No: Number}", "{Nr: Numbr}").replace("h.Dealer", "h.Dealr")
    faults = said(project, mapping.replace("group_by: [No]", "group_by: [Num]"))
    assert [fault.partition(" in ")[0].partition(": ")[2] for fault in faults] == [
        "order_id may differ within a group Say `aggregate:` sum, first, min, max or count.",
    ] or faults
    mapping = mapping.replace("[No]", "[Nummer]").replace("order_id: No", "order_id: Nummer")
    text = "\n".join(said(project, mapping))
    for name in ("'Nummer'", "'h.Dealr'", "'Nr'", "'h.Numbr'", "'Q'", "'Price'"):
        assert f"there is no column {name} in export.csv and headers.csv" in text
    assert "Did you mean h.Dealer?" in text


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


def test_the_worked_example_is_read_as_it_is_described(project):
    shop = {
        "dealers.csv": "DealerNo;Company;LegalForm;Since;Until;Class;Place\n"
        "007;Müller;GmbH;01.02.2020;;A;Ulm / South\n",
        "customers.csv": "Number;Dealer;Created;Staff\nc1;007;05.01.2026 14:05;12.0\n",
        "order_headers.csv": "Number;Customer;Dealer;Date;Type\n"
        "1;c1;007;05.01.2026;S\n2;c1;007;06.01.2026;R\n3;;;07.01.2026;X\n",
        "order_lines.csv": "OrderNo;Quantity;NetPrice;UnitCost\n"
        "1;2;1.234,50;1,1\n1;1;0,10;1\n2;-1;5,00;2\n3;1;7;2\n",
    }
    for name, text in shop.items():
        (project.folder / name).write_bytes(text.encode("latin-1"))
    tables = project(WORKED.read_text(encoding="utf-8")).tables
    partner = tables["partners"].collect().row(0, named=True)
    assert (partner["partner_id"], partner["name"]) == ("007", "Müller GmbH")
    assert (partner["tier"], partner["region"]) == ("gold", "South")
    customer = tables["customers"].collect().row(0, named=True)
    assert (str(customer["acquired_on"]), customer["segment"]) == ("2026-01-05", "12")
    orders = tables["orders"].collect().sort("order_id")
    assert [float(amount) for amount in orders["amount"]] == [2469.1, -5, 7]
    assert orders["status"].to_list() == ["completed", "returned", "cancelled"]
    assert orders["customer_id"].to_list() == ["c1", "c1", None]
