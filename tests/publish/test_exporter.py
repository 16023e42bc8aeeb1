"""From an executed notebook to a page: whole, quiet, and closed where something is wrong."""

import re
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from kpi_lib.errors import RunError
from kpi_lib.publish import exporter as module
from kpi_lib.publish.exporter import ScorecardExporter, about


@pytest.fixture(scope="module")
def exporter():
    return ScorecardExporter()


def result(data, kind="execute_result", **metadata):
    extra = {"execution_count": 1} if kind == "execute_result" else {}
    return new_output(kind, data=data, metadata=metadata, **extra)


def executed(*outputs, source="card.heading()"):
    return new_code_cell(source, execution_count=1, outputs=list(outputs))


def page(exporter, *cells):
    return exporter.from_notebook_node(new_notebook(cells=list(cells)))[0]


HEADING = {"scorecard": {"part": "heading", "title": "Söhne & Co, 2011-Q3", "images": 1}}


def test_the_page_is_a_whole_document_that_asks_for_nothing(exporter):
    html = page(exporter, executed(result({"text/html": "<h1>Söhne</h1>"}, **HEADING)))
    assert html.startswith("<!DOCTYPE html>")
    assert '<html lang="en">' in html
    assert "<title>Söhne &amp; Co, 2011-Q3</title>" in html
    assert "Content-Security-Policy" in html
    assert "default-src 'none'" in html
    assert '<meta content="width=device-width, initial-scale=1" name="viewport"' in html or (
        'name="viewport"' in html
    )
    assert not re.search(r"<script|https?://|@import|<link", html)
    assert html.count("<h1>") == 1


def test_code_and_prompts_do_not_reach_the_page(exporter):
    html = page(exporter, executed(result({"text/html": "<p>shown</p>"}), source="secret_name = 1"))
    assert "secret_name" not in html
    assert "shown" in html
    assert "Out[" not in html


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        pytest.param(result({"text/plain": "<b>42</b>"}), "<pre>&lt;b&gt;42", id="a bare value"),
        pytest.param(result({"text/markdown": "**bold**"}), "<strong>bold", id="markdown"),
        pytest.param(
            result({"image/png": "AA==\n"}, "display_data", **{"image/png": {"alt": "a plot"}}),
            '<img alt="a plot" src="data:image/png;base64,AA==',
            id="a plot",
        ),
        pytest.param(
            result({"image/svg+xml": "<svg/>"}), 'src="data:image/svg+xml;base64,PHN2Zy8+', id="svg"
        ),
        pytest.param(result({"image/jpeg": "AA=="}), "data:image/jpeg;base64,AA==", id="a photo"),
        pytest.param(
            new_output("stream", name="stdout", text="printed <b>"), "printed &lt;b", id="print"
        ),
    ],
)
def test_every_kind_of_output_is_shown(exporter, output, expected):
    assert expected in page(exporter, executed(output))


def test_warnings_and_scripts_are_left_out(exporter):
    html = page(
        exporter,
        executed(
            new_output("stream", name="stderr", text="a warning"),
            result({"application/javascript": "alert(1)"}, "display_data"),
            result({"text/html": "<script>alert(1)</script><p>kept</p>"}),
        ),
    )
    assert "warning" not in html
    assert "alert" not in html
    assert "kept" in html


def test_markdown_is_prose_and_its_markup_is_cleaned(exporter):
    html = page(exporter, new_markdown_cell("## At a glance\n\n<img src=x onerror=alert(1)>"))
    assert "<h2" in html
    assert "¶" not in html
    assert "onerror" not in html


def test_cells_for_the_analyst_stay_in_the_notebook(exporter):
    cell = new_markdown_cell("# Change the partner here", metadata={"tags": ["analyst"]})
    assert "Change the partner" not in page(exporter, cell)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        pytest.param(new_code_cell("card.tiles()"), "cell 1: it was not executed", id="not run"),
        pytest.param(
            executed(new_output("error", ename="KeyError", evalue="'x'", traceback=[])),
            "cell 1: KeyError: 'x'",
            id="an error",
        ),
    ],
)
def test_half_a_notebook_becomes_no_page(exporter, cell, found):
    with pytest.raises(RunError, match=re.escape(found)):
        page(exporter, cell)


def test_an_empty_cell_is_nothing_to_run(exporter):
    assert "<main>" in page(exporter, new_code_cell(" "))


def test_a_page_that_no_phone_should_load_is_refused(exporter, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_OF_RUN", 5000)
    with pytest.raises(RunError, match="5,000 at most"):
        page(exporter, executed(result({"text/plain": "x" * 5000}, **HEADING)))


def test_what_the_parts_tell_is_taken_together():
    cells = [
        executed(result({"text/html": ""}, **HEADING)),
        executed(result({"text/html": ""}, scorecard={"part": "made", "images": 2})),
    ]
    described = about(new_notebook(cells=cells))
    assert described["parts"] == ["heading", "made"]
    assert described["images"] == 3


@pytest.mark.slow
def test_nbconvert_knows_the_exporter_by_its_name(tmp_path):
    file = tmp_path / "card.ipynb"
    nbformat.write(new_notebook(cells=[executed(result({"text/html": "<p>x</p>"}))]), file)
    subprocess.run(
        [sys.executable, "-m", "jupyter", "nbconvert", "--to", "scorecard", str(file)], check=True
    )
    assert "Content-Security-Policy" in (tmp_path / "card.html").read_text()


def tagged(text, *tags):
    return new_markdown_cell(f"## {text}", metadata={"tags": list(tags)})


@pytest.mark.parametrize(
    ("edition", "cadence", "shown"),
    [
        ("internal", "quarter", ["All", "Inside", "Review", "Month"]),
        ("internal", "month", ["All", "Inside", "Month"]),
        ("partner", "year", ["All", "Review", "Month"]),
        ("partner", "week", ["All"]),
        ("internal", "week", ["All", "Inside"]),
    ],
)
def test_each_edition_and_cadence_has_its_sections(exporter, edition, cadence, shown):
    heading = {"scorecard": HEADING["scorecard"] | {"edition": edition, "cadence": cadence}}
    cells = [tagged("All"), tagged("Inside", "internal"), tagged("Review", "review")]
    cells.append(tagged("Month", "month"))
    html = page(exporter, executed(result({"text/html": ""}, **heading)), *cells)
    names = ("All", "Inside", "Review", "Month")
    assert [name for name in names if f">{name}<" in html] == shown


@pytest.mark.parametrize(("scope", "shown"), [("portfolio", ["All", "Whole"]), ("branch", ["All"])])
def test_a_page_of_a_part_goes_without_what_is_about_the_whole(exporter, scope, shown):
    heading = {"scorecard": HEADING["scorecard"] | {"scope": scope}}
    cells = [tagged("All"), tagged("Whole", "whole")]
    html = page(exporter, executed(result({"text/html": ""}, **heading)), *cells)
    assert [name for name in ("All", "Whole") if f">{name}<" in html] == shown


def test_what_is_said_of_a_section_is_folded_away_below_its_heading(exporter):
    cell = new_markdown_cell("## Trends\n\n**What it is:** a <b>course</b>.")
    html = page(exporter, executed(result({"text/html": ""}, **HEADING)), cell)
    assert html.index(">Trends</h2>") < html.index("<summary>What this is</summary>")
    assert html.count("<details") == html.count("</details>") == 1


def test_the_words_around_the_parts_are_in_the_language_of_the_page(exporter):
    words = new_markdown_cell(
        "## What we owe each other\n\n"
        "**Why it matters:** both sides can only ask of the other what they keep themselves.\n"
        "Own words."
    )
    heading = {"scorecard": HEADING["scorecard"] | {"lang": "de"}}
    html = page(exporter, executed(result({"text/html": "<h1>Söhne</h1>"}, **heading)), words)
    assert '<html lang="de">' in html
    assert "<h2>Was wir einander schulden</h2>" in re.sub(r' id="[^"]*"', "", html)
    assert "Was ist das?" in html
    assert "Beide Seiten können vom anderen nur verlangen" in html
    assert "Own words." in html  # what no catalogue knows stays as it is


def test_a_long_title_is_cut_before_its_period(exporter):
    about_it = {"part": "heading", "title": f"{'Söhne' * 60}, 2011-Q3", "images": 0}
    html = page(exporter, executed(result({"text/html": "<h1>S</h1>"}, scorecard=about_it)))
    title = re.search("<title>(.*)</title>", html)[1]
    assert len(title) == 70
    assert title.startswith("Söhne") and title.endswith("…, 2011-Q3")
    assert module.shortened("x" * 80) == "x" * 69 + "…"


def test_a_word_that_no_line_holds_may_break(exporter):
    html = page(exporter, executed(result({"text/html": f"<h1>{'x' * 60}</h1>"}, **HEADING)))
    assert f"<h1>{'x' * 24}<wbr>{'x' * 24}<wbr>{'x' * 12}</h1>" in html


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>It came to £471.26653955283837</p>", "more digits than a page has"),
        ('<img alt="From nan to 3" src="data:image/png;base64,AA">', "a value that is none"),
        ("<p>Ask {manager}</p>", "a place that was not filled"),
        ("<p>It is Demir A.Ş.. Then</p>", "a full stop too many"),
    ],
)
def test_a_page_that_nobody_would_print_is_refused(exporter, html, found):
    with pytest.raises(RunError, match=found):
        page(exporter, executed(result({"text/html": html}, **HEADING)))


def test_what_was_typed_so_is_published_so(exporter):
    about = {"scorecard": HEADING["scorecard"] | {"typed": ["None", ".."]}}
    html = page(exporter, executed(result({"text/html": "<p>None &amp; Co.. did it</p>"}, **about)))
    assert "None &amp; Co.. did it" in html


def test_a_sign_stays_with_its_amount(exporter):
    loss = "<td>\N{MINUS SIGN}£4,262 of 3</td>"
    html = page(exporter, executed(result({"text/html": loss}, **HEADING)))
    assert '<span style="white-space:nowrap">\N{MINUS SIGN}£4,262</span> of 3' in html
