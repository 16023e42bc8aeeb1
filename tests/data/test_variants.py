"""Two spellings of a name: in Unicode they are one, in other letters two, which is reported."""

from __future__ import annotations

from tests.data.folders import faults_in, loaded, said_of, write_tables

COMPOSED, APART = "Jos\u00e9", "Jose\u0301"
PARTNERS = "partner_id,name,partner_type,joined_on,manager\n"


def partners(folder, *rows: str):
    (folder / "partners.csv").write_text(PARTNERS + "".join(f"{row}\n" for row in rows), "utf-8")
    return folder


def test_an_accent_apart_from_its_letter_makes_no_other_manager_nor_customer(tmp_path):
    folder = write_tables(
        tmp_path / "data",
        customers=f"customer_id partner_id acquired_on\n{COMPOSED} P1 2025-01-01",
        orders=f"order_id customer_id ordered_on amount\n1 {APART} 2025-01-01 5",
    )
    partners(
        folder,
        f"P1,Alder,reseller,2020-01-01,{COMPOSED} Vogt",
        f"P2,Birch,reseller,2020-01-01,{APART} Vogt",
    )
    assert said_of(folder) == [
        f"w partners row 2 column manager: {APART} Vogt is in another Unicode form, accents apart "
        f"from their letters; read as {COMPOSED} Vogt",
        f"w orders row 1 column customer_id: {APART} is in another Unicode form, accents apart "
        f"from their letters; read as {COMPOSED}",
    ]
    tables = {name: frame.collect() for name, frame in loaded(folder).tables.items()}
    assert tables["partners"]["manager"].unique().to_list() == [f"{COMPOSED} Vogt"]
    assert tables["orders"]["customer_id"].to_list() == [COMPOSED]


def test_names_that_differ_in_case_or_blanks_only_stay_two_and_are_reported(tmp_path):
    folder = partners(
        write_tables(tmp_path / "data"),
        "P1,Alder,reseller,2020-01-01,Anna Vogt",
        "P2,Birch,reseller,2020-01-01,anna vogt",
        "P3,Cedar,reseller,2020-01-01,Anna  Vogt",
        "P4,Dogwood,reseller,2020-01-01,Anna Vogt",
        "p2,Elm,reseller,2020-01-01,Omar Diaz",
    )
    assert said_of(folder) == [
        "w partners row 2 column manager: anna vogt differs only in case or blanks from Anna Vogt, "
        "and is read as another",
        "w partners row 3 column manager: Anna  Vogt differs only in case or blanks from Anna "
        "Vogt, and is read as another",
        "w partners row 5 column partner_id: p2 differs only in case or blanks from P2, and is "
        "read as another",
    ]


def test_names_that_differ_in_signs_that_look_alike_only_are_reported(tmp_path):
    folder = partners(
        write_tables(tmp_path / "data"),
        "P1,Alder,reseller,2020-01-01,Ann Strau\u00df",
        "P2,Birch,reseller,2020-01-01,Ann\u00a0Strau\u00df",
        "P3,Cedar,reseller,2020-01-01,ANN STRAUSS",
        "P4,Dogwood,reseller,2020-01-01,Ann Strau\u200b\u00df",
        "P5,Elm,reseller,2020-01-01,Ann Straus",
    )
    assert [f"{fault.row} {fault.kind}" for fault in faults_in(folder)] == [
        f"{row} differs only in case or blanks" for row in (2, 3, 4)
    ]


def test_ids_of_a_table_that_differ_in_case_only_are_reported(tmp_path):
    folder = write_tables(
        tmp_path / "data",
        customers="customer_id acquired_on\nC1 2025-01-01\nc1 2025-01-01\nC~1 2025-01-01\n"
        "C2 2025-01-01",
    )
    assert [line.partition(":")[0] for line in said_of(folder)] == [
        "w customers row 2 column customer_id",
    ]


def test_the_settings_are_read_in_the_same_form(tmp_path):
    from kpi_lib.settings import load_settings

    file = tmp_path / "project.yml"
    file.write_text(f"mail: {{managers: {{{APART} Vogt: jose@x.invalid}}}}\n", encoding="utf-8")
    assert load_settings(file).mail.managers == {f"{COMPOSED} Vogt": "jose@x.invalid"}
