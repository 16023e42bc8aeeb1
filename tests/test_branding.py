from __future__ import annotations

from pathlib import Path

import pytest

from kpi_lib.branding import LARGEST_LOGO, LEAST_CONTRAST, contrast_on_white, darkened
from kpi_lib.errors import SettingsError
from kpi_lib.settings import load_settings


def said(folder: Path, company: str) -> list[str]:
    file = folder / "project.yml"
    file.write_text(f"company:\n  {company}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        load_settings(file)
    return [f"{problem.where}: {problem.found}" for problem in error.value.problems]


def test_a_colour_that_is_hardly_seen_on_white_is_refused_with_one_that_is(tmp_path):
    (line,) = said(tmp_path, 'colour: "#FFCC00"')
    assert line.endswith(
        "line 2: company.colour: #FFCC00 has a contrast of 1.5 on white; #b38f00 reaches 3"
    )
    assert contrast_on_white("#b38f00") >= LEAST_CONTRAST


@pytest.mark.parametrize("colour", ["#ffffff", "#ff6600", "#00ff00", "#f0f0f0", "#8a4600"])
def test_the_colour_that_is_offered_is_seen_on_white(colour):
    assert contrast_on_white(darkened(colour)) >= LEAST_CONTRAST


def test_a_colour_and_a_logo_that_are_fit_are_taken(tmp_path):
    (tmp_path / "logo.svg").write_text("<svg/>", encoding="utf-8")
    file = tmp_path / "project.yml"
    file.write_text('company: {logo: logo.svg, colour: "#0b5cad"}', encoding="utf-8")
    company = load_settings(file).company
    assert (company.logo, company.colour) == (tmp_path / "logo.svg", "#0b5cad")


def test_a_logo_that_is_not_there_is_no_picture_or_is_too_large_is_reported_at_its_line(tmp_path):
    (tmp_path / "large.png").write_bytes(b"x" * (LARGEST_LOGO + 1))
    (tmp_path / "logo.exe").write_bytes(b"x")
    (absent,), (large,), (other,) = (
        said(tmp_path, f"logo: {name}") for name in ("logo.png", "large.png", "logo.exe")
    )
    assert absent.endswith("line 2: company.logo: there is no file logo.png beside the settings")
    assert large.endswith("large.png has 40,001 bytes; at most 40,000 fit a page")
    assert other.endswith("logo.exe is none of .svg, .png, .jpg, .jpeg")
