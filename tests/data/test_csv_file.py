from __future__ import annotations

import random

import pytest

from kpi_lib.data import csv_file, csv_text
from kpi_lib.data.csv_file import read_csv
from kpi_lib.data.csv_text import CsvForm
from kpi_lib.errors import SourceError


def rows_of(folder, content, **options):
    path = folder / "orders.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    raw = read_csv(path, folder / "staged.parquet", **options)
    return raw.frame.collect().rows(), [str(fault) for fault in raw.faults]


def said_of(folder, content, **options):
    with pytest.raises(SourceError) as error:
        rows_of(folder, content, **options)
    return str(error.value)


def test_text_is_read_as_it_stands_and_an_empty_field_is_null(tmp_path):
    rows, faults = rows_of(tmp_path, 'id,name\n007,"a ""b"", c"\n,""\n')
    assert rows == [(1, "007", 'a "b", c'), (2, None, None)]
    assert faults == []


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(tmp_path):
    rows, _ = rows_of(tmp_path, b"\xef\xbb\xbfid,name\r\n1,x\r\n")
    assert rows == [(1, "1", "x")]


def test_rows_are_counted_not_lines(tmp_path):
    rows, faults = rows_of(tmp_path, 'id,name\n1,"a\nb"\n\n2\n3,x\n4,y,z\n5,w\n')
    assert rows == [(1, "1", "a\nb"), (3, "3", "x"), (5, "5", "w")]
    assert faults == [
        "orders row 2: 1 field, where the header has 2",
        "orders row 4: 3 fields, where the header has 2",
    ]


def test_rows_keep_their_numbers_over_the_blocks_of_a_large_file(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "BLOCK", 2000)
    rng = random.Random(1)
    lost = {number for number in range(1, 3001) if rng.random() < 0.01}
    lines = [f"{n}\n" if n in lost else f'{n},"a\nb"\n' for n in range(1, 3001)]
    rows, faults = rows_of(tmp_path, "id,name\n" + "".join(lines))
    assert [int(row[1]) for row in rows] == [row[0] for row in rows]
    assert len(faults) == len(lost) == 3000 - len(rows)


def test_only_the_columns_that_are_asked_for_are_read(tmp_path):
    rows, _ = rows_of(tmp_path, "id,name\n1,x\n", columns=frozenset({"name", "other"}))
    assert rows == [(1, "x")]


@pytest.mark.parametrize("content", ["id,name", "id,name\n", "\nid,name\n"])
def test_a_header_alone_is_a_table_without_rows(tmp_path, content):
    assert rows_of(tmp_path, content) == ([], [])


def test_another_form_is_read_where_a_mapping_says_so(tmp_path):
    form = CsvForm(delimiter=";", encoding="latin-1")
    rows, _ = rows_of(tmp_path, "id;name\n1;Müller\n".encode("latin-1"), form=form)
    assert rows == [(1, "1", "Müller")]


def test_the_row_and_the_word_of_a_wrong_byte_are_named(tmp_path):
    said = said_of(tmp_path, 'id,name\n1,"a\nb"\n2,Herr Müller\n'.encode("latin-1"))
    assert "orders.csv row 2: byte FC is not UTF-8" in said
    assert "reads 'Müller'" in said


def test_a_wrong_byte_in_the_header_is_named_there(tmp_path):
    assert "orders.csv header: byte E9" in said_of(tmp_path, "idé,name\n".encode("latin-1"))


def test_a_character_that_a_chunk_cuts_in_two_is_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_text, "CHUNK", 10)
    assert rows_of(tmp_path, "id,name\n1é,x\n") == ([(1, "1é", "x")], [])
    assert "row 1: byte FF" in said_of(tmp_path, b"id,name\n1\xff,x\n")


def test_a_single_column_may_be_all_that_a_file_has(tmp_path):
    assert rows_of(tmp_path, "id\n1\n") == ([(1, "1")], [])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("id;name\n1;2\n", "its fields are separated by ;, not by ,"),
        ("id\tname\n", "its fields are separated by a tab, not by ,"),
        ("id,id,x,x\n", "column 'id', 'x' stands more than once"),
        ('id,name\n1,"x\n2,y\n', "row 1: a quote is opened here and never closed"),
        ("\n\n", "is empty"),
        ("<html>", "looks like a web page"),
        ("<?xml version='1.0'?>", "looks like XML"),
        (b"%PDF-1.7", "looks like a PDF"),
        (b"\xd0\xcf\x11\xe0", "looks like an old Excel workbook"),
        (b"PAR1....", "looks like a Parquet file"),
        (b"\x1f\x8b", "looks like a gzip archive"),
        (b"12345678DUCK", "looks like a DuckDB file"),
    ],
)
def test_what_is_not_our_csv_is_named(tmp_path, content, expected):
    assert expected in said_of(tmp_path, content)


def test_an_odd_number_of_quotes_within_text_is_no_open_quote(tmp_path):
    assert rows_of(tmp_path, 'id,name\n1,5" pipe\n') == ([(1, "1", '5" pipe')], [])
    rows, _ = rows_of(tmp_path, 'id,name\n1,"5"x\n2,a"\n')
    assert len(rows) == 2


def test_a_row_longer_than_a_block_is_an_error_and_no_crash(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "BLOCK", 100)
    assert "is no CSV file" in said_of(tmp_path, 'id,name\n1,"' + "x\n" * 300 + '"\n')


# --- line ends, what spreadsheets add, and what stands above the header ---------------------------


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_lines_end_as_any_machine_ends_them(tmp_path, end):
    lines = ["id,name", "1,x", "", '2,"a' + end + 'b"', "3", "4,y"]
    rows, faults = rows_of(tmp_path, end.join(lines) + end)
    assert rows == [(1, "1", "x"), (2, "2", f"a{end}b"), (4, "4", "y")]
    assert faults == ["orders row 3: 1 field, where the header has 2"]


def test_lines_may_end_in_several_ways_in_one_file(tmp_path):
    assert rows_of(tmp_path, "id,name\r1,x\r\n2,y\n3,z")[0] == [
        (1, "1", "x"),
        (2, "2", "y"),
        (3, "3", "z"),
    ]


def test_the_row_of_a_wrong_byte_or_an_open_quote_is_counted_by_any_line_end(tmp_path):
    assert "row 2: byte FC" in said_of(tmp_path, "id,name\r1,x\r2,M\xfcller\r".encode("latin-1"))
    assert "row 2: a quote is opened" in said_of(tmp_path, 'id,name\r1,x\r2,"y\r3,z\r')


@pytest.mark.parametrize(
    "first", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n', "\ufeffsep=;\r", "sep=;;;\n"]
)
def test_the_line_by_which_excel_knows_the_delimiter_is_no_header(tmp_path, first):
    rows, faults = rows_of(tmp_path, f"{first}id;name\n1;x\n2\n3;z\n")
    assert rows == [(1, "1", "x"), (3, "3", "z")]
    assert faults == ["orders row 2: 1 field, where the header has 2"]


def test_a_header_below_a_title_is_found_and_said(tmp_path):
    title = "Sales report 2026\nExported, by ERP\n\nid,name\n1,x\n2\n"
    form = CsvForm(expects=frozenset({"id", "name"}))
    assert "its header seems to stand on line 4" in said_of(tmp_path, title, form=form)
    columns = frozenset({"id", "name"})
    assert "stand on line 4" in said_of(tmp_path, title.replace("2026", "2026,,"), columns=columns)
    rows, faults = rows_of(tmp_path, title, form=CsvForm(header_line=4))
    assert (rows, faults) == (
        [(1, "1", "x")],
        ["orders row 2: 1 field, where the header has 2"],
    )


def test_a_header_after_which_nothing_comes_for_long_has_rows_all_the_same(tmp_path):
    assert rows_of(tmp_path, "id,name\n" + "\n" * 100 + "1,x\n")[0] == [(1, "1", "x")]


def test_commas_within_names_do_not_hide_semicolons(tmp_path):
    said = said_of(tmp_path, "id;sum, net;name\n1;2;3\n", columns=frozenset({"id", "name"}))
    assert "its fields are separated by ;, not by ," in said


def test_utf_16_is_read_where_a_mapping_says_so(tmp_path):
    form = CsvForm(delimiter="\t", encoding="utf-16")
    for text in ("id\tname\r\n1\tM\u00fcller\r\n", "id\tname\r1\tM\u00fcller"):
        assert rows_of(tmp_path, text.encode("utf-16"), form=form)[0] == [(1, "1", "M\u00fcller")]
    assert "is not UTF-16" in said_of(tmp_path, b"id\tname\n1", form=form)
    said = said_of(tmp_path, "id,name\n".encode("utf-16"))
    assert "encoding: utf-16" in said


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            "id,name\n1,M\u00fcller 5 \u20ac\n".encode("cp1252"),
            "it looks like cp1252, which reads 'M\u00fcller'",
            id="the euro is in cp1252 only",
        ),
        pytest.param(
            "id,name\n1,\u00fcber\n2,\u00e4h\n".encode() + b"3,\xff\n",
            "row 3: byte FF is not UTF-8, and the rest of the file is",
            id="one wrong byte makes no other encoding",
        ),
        pytest.param(b"id,name\n1,x\xc3", "row 1: byte C3 is not UTF-8", id="a cut letter"),
        pytest.param(b'{"id": 1}\n{"id": 2}\n', "looks like JSON", id="a row of JSON a line"),
        pytest.param(b'[\n {"id": 1}]', "looks like JSON", id="a list of JSON"),
    ],
)
def test_what_a_file_is_taken_for_is_what_it_is(tmp_path, content, expected):
    assert expected in said_of(tmp_path, content)


def test_a_field_larger_than_a_block_is_an_error_and_no_crash(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "BLOCK", 1000)
    assert "is no CSV file" in said_of(tmp_path, f"id,name\n1,{'x' * 200_000}\n")


def test_a_field_may_be_long(tmp_path):
    rows, _ = rows_of(tmp_path, f"id,name\n1,{'x' * 200_000}\n")
    assert len(rows[0][2]) == 200_000


def test_column_names_are_read_in_one_unicode_form(tmp_path):
    rows, _ = rows_of(
        tmp_path, "id,gro\u0308\u00dfe\n1,2\n", columns=frozenset({"gr\u00f6\u00dfe"})
    )
    assert rows == [(1, "2")]
    assert "stands more than once" in said_of(tmp_path, "gr\u00f6\u00dfe,gro\u0308\u00dfe\n1,2\n")


@pytest.mark.parametrize(
    ("content", "line", "form"),
    [
        ("id,name\n1,x\n", 9, CsvForm(header_line=9)),
        ("sep=;\n", 2, CsvForm()),
    ],
)
def test_a_header_that_is_to_stand_below_the_last_line_is_reported(tmp_path, content, line, form):
    said = said_of(tmp_path, content, form=form)
    assert f"ends before line {line}, on which its header is to stand" in said


def test_utf_32_is_not_taken_for_utf_16(tmp_path):
    said = said_of(tmp_path, "id,name\n1,x\n".encode("utf-32"))
    assert "is no CSV file; it looks like UTF-32 text" in said
