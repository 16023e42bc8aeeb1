from __future__ import annotations

import sqlite3
from pathlib import Path

import polars as pl
import pytest

from kpi_lib.data.dataset import load_dataset
from kpi_lib.errors import ContractError, SourceError
from tests.data.folders import HEADERS, JOINED, SAME_PARTNERS

WORKED = Path(__file__).parents[2] / "params" / "mappings" / "webshop.yml"


def of_lines(columns: str) -> str:
    """The mapping that makes one order of all lines of a number."""
    head = "  orders:\n    from: f\n    group_by: [No]\n    columns:\n      order_id: No\n"
    return SAME_PARTNERS + head + columns


LINES = of_lines(
    """\
      ordered_on: {column: Day, aggregate: min}
      amount: {column: A, aggregate: sum}
      quantity: {column: A, aggregate: count}
      cost: {column: A, aggregate: max}
      status: {column: S, aggregate: first}
"""
)


def test_order_lines_become_orders(project):
    export = "No,Day,A,S\n1,2024-01-31,9,completed\n2,2024-01-02,5,cancelled\n"
    export += "1,2024-01-30,-10,cancelled\n1,2024-02-01,,returned\n"
    orders = project(LINES, export).tables["orders"].collect().sort("order_id")
    first = orders.row(0, named=True)
    assert (first["amount"], first["quantity"], first["cost"]) == (-1, 2, 9)
    assert str(first["ordered_on"]) == "2024-01-30"
    assert orders["status"].to_list() == ["completed", "cancelled"]
    assert orders["amount"].to_list() == [-1, 5]


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
    where = [problem.where.rpartition("/")[2] for problem in error.value.problems]
    assert where == ["headers.csv row 1", "headers.csv row 3"]
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


# --- what a mapping would hide -------------------------------------------------------------------


def warnings_of(dataset) -> list[str]:
    return [str(fault) for fault in dataset.check.faults()]


def test_a_row_that_finds_no_header_is_reported_and_not_taken_for_direct_business(project):
    (project.folder / "headers.csv").write_text("Number,Dealer,Day\n0815,P1,2024-01-31\n")
    mapping = JOINED.replace("    group_by: [No]\n", "").replace(", aggregate: first", "")
    mapping = mapping.replace(", aggregate: sum", "").replace(
        "ordered_on: {column: h.Day}", "ordered_on: D"
    )
    export = "No,Q,Price,D\n0815,1,100,2024-01-31\n815,1,900,2024-01-31\n,1,7,2024-01-31\n"
    dataset = project(mapping.replace("order_id: No", "order_id: Price"), export)
    assert warnings_of(dataset) == [
        f"orders row 2 column No: finds no row in {place(project)}: 815"
    ]


def place(project) -> str:
    return str(project.folder / "headers.csv")


def test_keys_of_two_types_are_compared_as_what_is_written(project):
    (project.folder / "headers.csv").write_text(HEADERS)
    lines = pl.DataFrame({"No": [1.0, 2.0], "Q": [2, 1], "Price": [1.5, 1.0]})
    dataset = project(JOINED.replace("export.csv", "export.parquet"), lines)
    orders = dataset.tables["orders"].collect().sort("order_id")
    assert orders["partner_id"].to_list() == ["P1", None]
    assert warnings_of(dataset) == []


FIRST = of_lines(
    """\
      partner_id: {column: Dealer, aggregate: first}
      ordered_on: {column: Day, aggregate: first}
      amount: {column: A, aggregate: sum}
"""
)


def test_the_first_value_of_a_group_is_the_first_that_there_is(project):
    export = "No,Dealer,Day,A\n1,,2024-01-31,100\n1,P1,2024-01-31,50\n"
    dataset = project(FIRST, export)
    assert dataset.tables["orders"].collect()["partner_id"].to_list() == ["P1"]
    assert warnings_of(dataset) == []


def test_values_that_differ_within_a_group_and_lines_without_one_are_reported(project):
    export = "No,Dealer,Day,A\n1,P1,2024-01-31,100\n2,P1,2024-01-31,1\n1,P2,2024-01-30,\n"
    dataset = project(FIRST, export)
    assert dataset.tables["orders"].collect().sort("order_id")["amount"].to_list() == [100, 1]
    assert warnings_of(dataset) == [
        "orders row 1 column amount: is empty in some lines of a group, which add nothing: 1 of 2 "
        "lines",
        "orders row 1 column ordered_on: differs within a group, of which the first is taken: "
        "2024-01-30 and 2024-01-31",
        "orders row 1 column partner_id: differs within a group, of which the first is taken: "
        "P1 and P2",
    ]


TWICE = "No,Pos,Dealer,Day,A\n1,10,P1,2024-01-30,100\n1,20,P1,2024-01-30,50\n"
TWICE += "1,10,P1,2024-01-30,100\n1,20,P1,2024-01-30,50\n2,10,P1,2024-02-05,30\n"
KEYED = FIRST.replace("    group_by", "    key: [No, Pos]\n    group_by")


def test_a_number_that_a_mapping_makes_is_reported_as_people_write_it(project):
    mapping = FIRST.replace("amount: {column: A,", "amount: {column: A, sign: negative,")
    lines = warnings_of(project(mapping, TWICE.replace("50\n", "50.5\n")))
    assert any(line.endswith("a return has the status returned: -301") for line in lines), lines


def test_lines_that_are_exported_twice_are_reported(project):
    (line,) = warnings_of(project(FIRST, TWICE))
    assert line == (
        "orders row 1: has lines that are the same in every column; if they were exported twice, "
        "say `key` of the table in the mapping: 4 lines"
    )


def test_a_line_without_its_whole_key_is_reported_as_it_counts_each_time(project):
    dataset = project(KEYED, TWICE.replace("1,20,", "1,,"))
    assert sum(dataset.tables["orders"].collect()["amount"]) == 230
    place = f"{project.folder}/export.csv"
    assert warnings_of(dataset) == [
        f"orders: 1 row of {place} stood there already and counted once",
        f"orders: 2 rows of {place} had no whole key (No, Pos), so each counted",
    ]


def test_with_a_key_a_line_counts_once_however_often_it_is_exported(project):
    dataset = project(KEYED, TWICE)
    assert sum(dataset.tables["orders"].collect()["amount"]) == 180
    assert warnings_of(dataset) == [
        f"orders: 2 rows of {project.folder}/export.csv stood there already and counted once"
    ]
    assert warnings_of(project(KEYED, TWICE.replace("1,10,", "3,10,", 1).replace("3,20,", "1,20,")))


def test_lines_of_one_key_that_differ_are_refused(project):
    with pytest.raises(SourceError, match="another row of the key 1, 20 differs from it") as error:
        project(KEYED, TWICE.replace("01-30,50", "01-30,55", 1))
    assert [p.where.rpartition(" ")[2] for p in error.value.problems] == ["2", "4"]


def test_rows_without_the_whole_key_are_each_their_own(project):
    export = "No,Pos,Dealer,Day,A\n1,,P1,2024-01-30,100\n1,,P1,2024-01-30,100\n"
    assert project(KEYED, export).tables["orders"].collect()["amount"].to_list() == [200]


def test_a_file_is_read_from_the_line_of_its_header_and_in_its_encoding(project):
    (project.folder / "export.txt").write_bytes(
        "Report\r\n\r\nNo\tDay\tA\r\n1\t2024-01-30\t5\r\n".encode("utf-16")
    )
    mapping = SAME_PARTNERS.replace(
        "{file: export.csv}",
        '{file: export.txt, encoding: utf-16, delimiter: "\\t", header_line: 3}',
    )
    mapping += "  orders: {from: f, columns: {order_id: No, ordered_on: Day, amount: A}}\n"
    assert project(mapping).tables["orders"].collect()["amount"].to_list() == [5]
    with pytest.raises(SourceError, match="its header seems to stand on line 3"):
        project(mapping.replace(", header_line: 3", ""))
