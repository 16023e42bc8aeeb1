from __future__ import annotations

import polars as pl
import pytest

from kpi_lib.errors import ContractError
from tests.data.folders import SAME_PARTNERS


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


# --- what refines an operation, in the order of the docs ------------------------------------------

GERMAN = ", delimiter: ';', decimal: ',', thousands: '.', date_format: '%d.%m.%Y'"


@pytest.mark.parametrize(
    ("how", "first", "second", "expected"),
    [
        pytest.param("{column: A, values: {'-': '0'}}", "1.049", "-", [1049, 0], id="thousands"),
        pytest.param("{column: A, values: {k: '1.000'}}", "2,5", "k", [2.5, 1000], id="as theirs"),
        pytest.param("{column: A, values: {k: 1.5}}", "2,5", "k", [2.5, 1.5], id="a number is one"),
        pytest.param(
            "{column: A, values: {'-': 0}, sign: negate}", "1.049", "-", [-1049, 0], id="sign"
        ),
        pytest.param(
            "{column: A, values: {'-': 0}, type: count}", "1.049", "-", [1049, 0], id="type"
        ),
        pytest.param(
            "{multiply: [A, B], values: {'-': 0}}", "1.049", "-", [2098, 0], id="of an operand"
        ),
        pytest.param("{multiply: [A, B], type: count}", "3", "4", [6, 8], id="of arithmetic"),
        pytest.param("{split: A, at: ' EUR'}", "1.049 EUR", "2,5 EUR", [1049, 2.5], id="of a part"),
        pytest.param(
            "{split: A, at: '/', values: {'-': 0}, sign: negate}", "1.049/x", "-/x", [-1049, 0],
            id="all of it of a part",
        ),
        pytest.param(
            "{concatenate: [A, B], separator: ',', decimal: ','}", "7", "8", [7.2, 8.2],
            id="of a text that is made",
        ),
        pytest.param("{constant: 5, sign: negate}", "1", "2", [-5, -5], id="of a constant"),
        pytest.param("{constant: '1.049,5', decimal: ',', thousands: '.'}", "1", "2",
                     [1049.5, 1049.5], id="of the text of a constant"),
        pytest.param("{constant: 1.5}", "1", "2", [1.5, 1.5], id="a constant is written as ours"),
    ],
)  # fmt: skip
def test_what_refines_a_column_refines_whatever_makes_it(project, how, first, second, expected):
    export = f"No;Day;A;B\n1;31.01.2024;{first};2\n2;31.01.2024;{second};2\n"
    orders = orders_by(project, f"amount: {how}", export, form=GERMAN).sort("order_id")
    assert [float(amount) for amount in orders["amount"]] == expected


@pytest.mark.parametrize(
    ("how", "text", "expected"),
    [
        ("{column: D, values: {'00.00.0000': null}}", "00.00.0000", None),
        ("{column: D, values: {'00.00.0000': null}}", "01.09.2026", "2026-09-01"),
        ("{column: D, values: {never: 2026-09-30}}", "never", "2026-09-30"),
        ("{column: D, values: {never: '30.09.2026'}}", "never", "2026-09-30"),
        ("{split: D, at: ' '}", "01.09.2026 noon", "2026-09-01"),
        ("{column: D, format: '%d.%m.%y'}", "01.09.26", "2026-09-01"),
        ("{column: D, format: '%m/%d/%Y'}", "09/01/2026", "2026-09-01"),
        ("{constant: 2026-09-01}", "x", "2026-09-01"),
        ("{constant: 01.09.2026, format: '%d.%m.%Y'}", "x", "2026-09-01"),
    ],
)
def test_a_day_is_read_however_the_mapping_comes_to_it(project, how, text, expected):
    mapping = SAME_PARTNERS.replace("{file: export.csv}", f"{{file: export.csv{GERMAN}}}")
    mapping += "  invoices:\n    from: f\n    columns:\n      invoice_id: No\n      amount: N\n"
    mapping += "      issued_on: {constant: 2026-01-01}\n      due_on: {constant: 2026-01-31}\n"
    mapping += f"      paid_on: {how}\n"
    invoices = project(mapping, f"No;D;N\n1;{text};1\n").tables["invoices"].collect()
    paid = invoices["paid_on"][0]
    assert (None if paid is None else str(paid)) == expected


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("{column: D, format: '%d.%m.%Y'}", "01.09.26"),
        ("{column: D, format: '%d.%m.%Y'}", "01.09.126"),
        ("{column: D, format: '%d.%m.%Y %H:%M', type: date}", "01.09.26 10:00"),
        ("{column: D, format: '%d.%m.%y'}", "01.09.2026"),
        ("{column: D, values: {'01.09.2026': 'soon'}}", "01.09.2026"),
    ],
)
def test_a_year_of_two_digits_is_one_of_this_century_only_where_the_mapping_says_so(
    project, how, text
):
    how = f"amount: {{constant: 1}}\ncost: {{constant: 1}}\nordered_on: {how}"
    mapping = SAME_PARTNERS.replace("{file: export.csv}", f"{{file: export.csv{GERMAN}}}")
    mapping += "  orders:\n    from: f\n    columns:\n      order_id: No\n"
    mapping += "".join(f"      {line}\n" for line in how.splitlines())
    with pytest.raises(ContractError, match=r"ordered_on: .* cannot be read as"):
        project(mapping, f"No;D\n1;{text}\n")
