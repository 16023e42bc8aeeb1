"""What `make same` takes for the same, and what not."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
import weasyprint

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

import same
from same_made import MadeError, Project, version_of

RUN = "example/reports/2026-Q3"


@dataclass(frozen=True)
class Versions:
    """The folders of what two versions made."""

    before: Path
    after: Path

    def wrote(self, name: str, *contents: str | pl.DataFrame) -> None:
        """Let both have written a file: one content for either, or one for both."""
        for folder, content in zip((self.before, self.after), contents * 2, strict=False):
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, str):
                file.write_text(content, encoding="utf-8")
            else:
                content.write_parquet(file)


@pytest.fixture
def versions(tmp_path):
    """Two versions that were made to their end and have left one page, which is the same."""
    both = Versions(tmp_path / "before", tmp_path / "after")
    for folder in (both.before, both.after):
        places = {str(folder): "FOLDER"}
        folder.mkdir()
        (folder / "made.json").write_text(json.dumps({"recipe": same.recipe(), "places": places}))
    both.wrote(f"{RUN}/portfolio.html", "<h1>Portfolio</h1>")
    return both


@pytest.fixture
def compared(versions, monkeypatch, capsys):
    """Compares them as people do, but for patterns of names; returns status and what is printed."""

    def call(*but: str) -> tuple[int, str]:
        words = [
            "compare",
            str(versions.before),
            str(versions.after),
            *(["--but", *but] * bool(but)),
        ]
        monkeypatch.setattr(sys, "argv", ["same.py", *words])
        return same.main(), capsys.readouterr().out

    return call


def test_two_versions_that_made_the_same_page_are_the_same(compared):
    status, said = compared()
    assert (status, said) == (0, "the same: 1 files (1 .html)\ndifferent: 0 files\n")


def test_a_word_that_changed_on_a_page_is_named_with_its_file_its_line_and_both_texts(
    versions, compared
):
    line = f"<p>{'Long before. ' * 20}{{}} of the quarter{'. And after' * 20}</p>"
    page = f"<h1>Germany</h1>\n{line}\n"
    versions.wrote(f"{RUN}/partners/G/scorecard.html", page.format("Sales"), page.format("Trade"))
    status, said = compared()
    assert status == 1
    lines = said.splitlines()
    assert lines[:2] == [f"{RUN}/partners/G/scorecard.html", "    line 2"]
    assert lines[2].startswith("      - …") and "Long before. Sales of the quarter. And" in lines[2]
    assert lines[3].startswith("      + …") and "Long before. Trade of the quarter. And" in lines[3]
    assert lines[-1] == "different: 1 files"


def test_when_a_run_was_and_how_long_it_took_is_no_difference(versions, compared):
    index = "<div><dt>Made</dt><dd>2026-11-30 {}</dd></div>\n<dt>Version</dt><dd>{}</dd>"
    versions.wrote(f"{RUN}/index.html", index.format("08:31", "0.2"), index.format("09:02", "0.3"))
    record = (
        '{{"seconds": {0}, "reports": [{{"cpu_seconds": {0}, "page": "churn", "files": {1}}}]}}'
    )
    files = ('{"a.ipynb": "12"}', '{"a.ipynb": "21"}')
    versions.wrote(f"{RUN}/run.json", record.format(1, files[0]), record.format(2.5, files[1]))
    versions.wrote("example/said/02-run.txt", "8 reports done in 9 s", "8 reports done in 10 s")
    assert compared()[0] == 0


def test_the_same_place_in_two_folders_is_no_difference(versions, compared):
    contents = (f"{folder}/reports: open it" for folder in (versions.before, versions.after))
    versions.wrote("example/said/02-run.txt", *contents)
    assert compared()[0] == 0


def test_where_a_notebook_finds_our_modules_is_no_difference_and_what_it_shows_is(
    versions, compared
):
    cell = '{{\n   "id": "{}",\n   "source": "from kpi_lib.{} import Page", "shown": "{}"\n}}'
    texts = cell.format("0a1b2c3d", "page", "12 %"), cell.format("9f8e7d6c", "pages.card", "12 %")
    versions.wrote(f"{RUN}/partners/G/scorecard.ipynb", *texts)
    assert compared()[0] == 0
    other = cell.format("9f8e7d6c", "pages.card", "13 %")
    versions.wrote(f"{RUN}/partners/G/scorecard.ipynb", texts[0], other)
    assert compared()[0] == 1


def kpis(value: float) -> pl.DataFrame:
    return pl.DataFrame({"scope": ["partner"], "entity": ["G"], "kpi": ["roi"], "value": [value]})


def test_the_last_bits_of_a_figure_in_a_table_are_no_difference(versions, compared):
    versions.wrote(f"{RUN}/kpis.parquet", kpis(0.1 + 0.2), kpis(0.3))
    assert compared()[0] == 0


def test_a_forecast_may_differ_where_the_search_for_it_ends_and_nowhere_before(versions, compared):
    versions.wrote(f"{RUN}/forecast.parquet", kpis(6967.6732), kpis(6967.6731))
    slices = (f'{{"outlook": {{"value": {value}}}}}' for value in (6967.6732, 6967.6731))
    versions.wrote(f"{RUN}/.run/slices/_run/portfolio/slice.json", *slices)
    assert compared()[0] == 0
    versions.wrote(f"{RUN}/forecast.parquet", kpis(6967.6), kpis(6967.5))
    assert compared()[0] == 1


def test_a_figure_that_changed_in_a_table_is_named_with_its_row_and_column(versions, compared):
    versions.wrote(f"{RUN}/kpis.parquet", kpis(0.3), kpis(0.3000001))
    status, said = compared()
    assert status == 1
    assert "row 1 (partner, G, roi) value\n      - 0.3\n      + 0.3000001\n" in said


def test_a_figure_that_is_missing_in_one_table_is_not_0_in_the_other(versions, compared):
    frame = kpis(0.0)
    versions.wrote(f"{RUN}/kpis.parquet", frame.with_columns(value=pl.lit(None, pl.Float64)), frame)
    status, said = compared()
    assert (status, "- None" in said) == (1, True)


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        pytest.param(pl.concat([kpis(1.0), kpis(1.0)]), "- 1\n      + 2", id="a row more"),
        pytest.param(
            kpis(1.0).with_columns(pl.col("value").cast(pl.Int64)),
            "- 'value: Float64'\n      + 'value: Int64'",
            id="a column of another kind",
        ),
        pytest.param(
            kpis(1.0).rename({"value": "figure"}),
            "- 'value: Float64'\n      + 'figure: Float64'",
            id="a column of another name",
        ),
    ],
)
def test_a_table_of_another_shape_is_a_difference(versions, compared, other, difference):
    versions.wrote(f"{RUN}/kpis.parquet", kpis(1.0), other)
    status, said = compared()
    assert (status, difference in said) == (1, True)


def chart(*points: float) -> str:
    """Return a line of a page with a drawing, in which everything has its name from its place."""
    name = f"m{hash(points) % 10**10:010}"
    drawing = "\n".join(
        ["<svg>", f'<path id="{name}" d="M {points[0]} {points[1]} L 9 2"/>', "</svg>"]
    )
    return f'<img src="data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}">'


def test_a_chart_that_nobody_can_tell_from_the_other_is_no_difference(versions, compared):
    versions.wrote(f"{RUN}/churn.html", chart(38.69399, 7.0), chart(38.693991, 7.0))
    assert compared()[0] == 0


def test_a_chart_that_draws_something_else_is_named_with_its_place(versions, compared):
    pages = (f"<p>one</p>\n{chart(1.0, 2.0)} {chart(*end)}" for end in ((38.5, 7.0), (38.6, 7.0)))
    versions.wrote(f"{RUN}/churn.html", *pages)
    status, said = compared()
    assert (status, "line 2, its chart 2, line 2 of the drawing" in said) == (1, True)
    assert 'd="M 38.6 7.0 L 9 2"' in said


def test_a_pdf_in_which_a_word_changed_is_named_with_the_line(versions, compared):
    for folder, word in ((versions.before, "Sales"), (versions.after, "Trade")):
        page = weasyprint.HTML(string=f"<p>Germany</p><p>{word} of the quarter</p>")
        page.write_pdf(folder / RUN / "scorecard.pdf")
    status, said = compared()
    assert (status, "- Sales of the quarter\n      + Trade of the quarter" in said) == (1, True)


def message(mark: str, word: str) -> str:
    """Return an e-mail whose seam is named after its own hash."""
    body = base64.b64encode(f"Dear all,\n{word} went up.\n".encode()).decode()
    seam = f"=_{mark}_0"
    return f"""Subject: Scorecard
Message-ID: <{mark}@example.invalid>
Content-Type: multipart/mixed; boundary="{seam}"

--{seam}
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

{body}
--{seam}--
"""


def test_of_an_e_mail_that_changed_the_line_is_named_as_its_reader_has_it(versions, compared):
    messages = message("a" * 32, "Sales"), message("b" * 32, "Trade")
    versions.wrote(f"{RUN}/outbox/G/1.eml", *messages)
    status, said = compared()
    assert (status, said.count("line ")) == (1, 1)
    assert "- Sales went up.\n      + Trade went up." in said


def test_a_value_that_changed_in_a_slice_is_named_with_its_place(versions, compared):
    place = f"{RUN}/.run/slices/G/partner/slice.json"
    versions.wrote(
        place, '{"kpis": [{"n": 1, "value": 0.3}]}', '{"kpis": [{"n": 2, "value": 0.3}]}'
    )
    status, said = compared()
    assert (status, ".kpis[0].n\n      - 1\n      + 2\n" in said) == (1, True)


def test_a_file_that_may_differ_can_be_named_and_the_others_still_count(versions, compared):
    versions.wrote(f"{RUN}/.run/slices/G/partner/slice.json", '{"n": 1}', '{"n": 2}')
    status, said = compared("*/slices/*")
    assert (status, "left out, as you asked: 1 files" in said) == (0, True)
    versions.wrote(f"{RUN}/churn.html", "one", "other")
    assert compared("*/slices/*")[0] == 1


def test_a_page_that_only_one_version_made_is_a_difference(versions, compared):
    versions.wrote(f"{RUN}/churn.html", "Churn")
    (versions.after / RUN / "churn.html").unlink()
    status, said = compared()
    assert (status, "file\n      - there\n      + (not there)\n" in said) == (1, True)


def test_where_nothing_was_made_nothing_is_the_same(versions, compared):
    for folder in (versions.before, versions.after):
        (folder / RUN / "portfolio.html").unlink()
    assert compared()[0] == 1


@pytest.mark.parametrize("record", [None, '{"recipe": "another", "places": {}}'])
def test_what_was_made_in_part_or_of_other_companies_is_not_compared(versions, compared, record):
    file = versions.after / "made.json"
    file.unlink() if record is None else file.write_text(record)
    status, said = compared()
    assert (status, said.startswith(f"{versions.after}: ")) == (2, True)


@pytest.mark.slow
def test_the_code_that_was_asked_for_answers_and_a_command_that_breaks_ends_it(tmp_path):
    code = tmp_path / "checkout"
    (code / "kpi_lib").mkdir(parents=True)
    (code / "kpi_lib" / "__init__.py").write_text("")
    (code / "kpi_lib" / "cli.py").write_text(
        "import sys\nsys.exit(print(*sys.argv[1:], 'is mine'))"
    )
    (tmp_path / "project").mkdir()
    with version_of(code) as version:
        project = Project(tmp_path / "project", version)
        project.kpi("check")
        with pytest.raises(MadeError, match="status 0 instead of 1"):
            project.kpi("run", status=1)
    said = (tmp_path / "project" / "said" / "01-check.txt").read_text()
    assert said == "kpi check\nstatus 0\n\ncheck is mine\n\n--- errors\n"
