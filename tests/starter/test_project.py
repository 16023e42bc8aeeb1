"""A company's own project: what it begins with, and what an upgrade does to it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
import yaml

from kpi_lib import paths
from kpi_lib.data.contract import TABLES
from kpi_lib.errors import CallError
from kpi_lib.settings import load_settings
from kpi_lib.starter import lay_out, project, shipped, upgrade
from kpi_lib.starter.wheel import Wheel

WHEEL = Wheel("partner_scorecards-0.2.0-py3-none-any.whl", b"as it was built")
NEXT = Wheel("partner_scorecards-0.3.0-py3-none-any.whl", b"as it was built later")


@pytest.fixture(autouse=True)
def wheel(monkeypatch):
    """Building the wheel itself is tested beside this."""
    monkeypatch.setattr(shipped, "wheel_of_the_library", lambda: WHEEL)
    monkeypatch.setattr(project, "version", lambda: "0.2.0")


@pytest.fixture
def acme(tmp_path) -> Path:
    lay_out(tmp_path / "acme")
    return tmp_path / "acme"


@pytest.fixture
def released(monkeypatch):
    """Lets a later release ship what it is given, in place of the same files of this one."""

    def release(files: dict[str, bytes | None]) -> None:
        monkeypatch.setattr(shipped, "wheel_of_the_library", lambda: NEXT)
        monkeypatch.setattr(project, "version", lambda: "0.3.0")
        mine = shipped.files_for("acme") | files
        kept = {path: content for path, content in mine.items() if content is not None}
        monkeypatch.setattr(project, "files_for", lambda name: kept)

    return release


def notebook(folder: Path, name: str = "portfolio") -> dict:
    return json.loads((folder / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))


def written(cells: dict) -> bytes:
    return json.dumps(cells).encode()


def cell_of_parameters(notebook: dict) -> dict:
    return next(c for c in notebook["cells"] if "parameters" in c["metadata"].get("tags", ()))


# --- laying out -----------------------------------------------------------------------------------


def test_a_new_project_has_all_that_a_company_needs(acme):
    there = {file.relative_to(acme).as_posix() for file in acme.rglob("*") if file.is_file()}
    assert there >= {
        "README.md", "Makefile", "setup.mk", "environment.yml", "requirements.lock", ".gitignore",
        "pytest.ini",
        "notebooks/partner_scorecard.ipynb", "notebooks/portfolio.ipynb", "notebooks/cltv.ipynb",
        "notebooks/churn.ipynb", "notebooks/data_quality.ipynb", "notebooks/_template.ipynb",
        "params/project.yml", "params/playbook.yml", "params/recipients.csv", "params/targets.csv",
        "params/mappings/webshop.yml", "params/notes/README.md",
        "tests/test_project.py", "tests/figures.csv", "docs/data.md", f"wheels/{WHEEL.name}",
    }  # fmt: skip
    assert [name for name in there if "__pycache__" in name or "PROJECT_NAME" in name] == []
    assert "# acme: partner scorecards" in (acme / "README.md").read_text(encoding="utf-8")
    assert yaml.safe_load((acme / "environment.yml").read_text())["name"] == "acme"


def test_its_lock_installs_the_very_library_that_lies_in_it(acme):
    last = (acme / "requirements.lock").read_text().splitlines()[-1]
    digest = hashlib.sha256((acme / "wheels" / WHEEL.name).read_bytes()).hexdigest()
    assert last == f"./wheels/{WHEEL.name} --hash=sha256:{digest}"


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "acme").mkdir()
    lay_out(tmp_path / "acme")
    with pytest.raises(CallError, match=r"acme: is there already.*\n.*kpi upgrade"):
        lay_out(tmp_path / "acme")


def test_a_folder_that_cannot_be_made_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CallError, match=r"acme: cannot be made \(Not a directory\).*\n.*may write"):
        lay_out(tmp_path / "file" / "acme")


def test_figures_that_a_notebook_of_the_library_has_put_out_do_not_travel(tmp_path, monkeypatch):
    ran = notebook(paths.shipped("."), "portfolio")
    cell_of_parameters(ran)["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "£5\n"}
    ]
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "portfolio.ipynb").write_bytes(written(ran))
    shipped_by = paths.shipped
    here = {"notebooks": tmp_path / "notebooks"}
    monkeypatch.setattr(paths, "shipped", lambda name: here.get(name) or shipped_by(name))
    lay_out(tmp_path / "acme")
    assert cell_of_parameters(notebook(tmp_path / "acme"))["outputs"] == []


def test_a_name_that_is_no_word_becomes_one(tmp_path):
    lay_out(tmp_path / "Acme & Söhne (2026)")
    environment = yaml.safe_load((tmp_path / "Acme & Söhne (2026)" / "environment.yml").read_text())
    assert environment["name"] == "Acme-Söhne-2026"


def test_exports_are_copied_and_read_from_there(tmp_path):
    for name in ("partners.csv", "orders.csv"):
        (tmp_path / name).write_text("partner_id\n")
    lay_out(tmp_path / "acme", [tmp_path / "partners.csv", tmp_path / "orders.csv"])
    settings = load_settings(tmp_path / "acme" / "params" / "project.yml")
    assert settings.data.path == tmp_path / "acme" / "data"
    assert {file.name for file in settings.data.path.iterdir()} == {"partners.csv", "orders.csv"}


def test_a_database_is_read_as_the_one_file_that_it_is(tmp_path):
    (tmp_path / "shop.sqlite").write_bytes(b"SQLite format 3\0")
    lay_out(tmp_path / "acme", [tmp_path / "shop.sqlite"])
    settings = load_settings(tmp_path / "acme" / "params" / "project.yml")
    assert settings.data.path == tmp_path / "acme" / "data" / "shop.sqlite"


def test_exports_that_are_not_there_are_all_named_and_nothing_is_written(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "orders.csv").touch()
    (tmp_path / "orders.csv").touch()
    wrong = [tmp_path / "gone.csv", tmp_path / "a", tmp_path / "orders.csv"]
    with pytest.raises(CallError) as error:
        lay_out(tmp_path / "acme", [*wrong, tmp_path / "a" / "orders.csv"])
    found = [problem.found for problem in error.value.problems]
    assert found == ["there is no such file"] * 2 + ["two files are called orders.csv"]
    assert not (tmp_path / "acme").exists()


def test_its_settings_are_valid_and_its_targets_have_the_columns_of_the_contract(acme):
    assert load_settings(acme / "params" / "project.yml").is_example
    head = (acme / "params" / "targets.csv").read_text().strip()
    assert head == ",".join(TABLES["targets"].columns)


def test_its_pages_lead_to_files_and_name_targets_that_are_there(acme):
    targets = set(re.findall(r"^([a-z-]+):", (acme / "Makefile").read_text(), re.MULTILINE))
    broken = {
        f"{page.relative_to(acme)}: {target}"
        for page in acme.rglob("*.md")
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    }
    assert broken == set()
    named = re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", (acme / "README.md").read_text(), re.M)
    assert {target for pair in named for target in pair if target} <= targets


# --- upgrading ------------------------------------------------------------------------------------


def test_a_later_release_replaces_what_nobody_changed(acme, released):
    later = notebook(acme)
    later["cells"][0]["source"] = ["# Portfolio, worded better"]
    released({"notebooks/portfolio.ipynb": written(later), "docs/news.md": b"news\n"})
    upgraded = upgrade(acme)
    assert (upgraded.before, upgraded.now) == ("0.2.0", "0.3.0")
    assert upgraded.replaced == ["notebooks/portfolio.ipynb", "requirements.lock"]
    assert upgraded.added == ["docs/news.md", f"wheels/{NEXT.name}"]
    assert (upgraded.removed, upgraded.edited) == ([f"wheels/{WHEEL.name}"], [])
    assert "worded better" in (acme / "notebooks" / "portfolio.ipynb").read_text()
    assert [file.name for file in (acme / "wheels").iterdir()] == [NEXT.name]
    assert NEXT.name in (acme / "requirements.lock").read_text()


def test_what_people_changed_stays_and_is_named(acme, released):
    mine, later = notebook(acme), notebook(acme)
    mine["cells"][0]["source"] = ["# Our own portfolio"]
    (acme / "notebooks" / "portfolio.ipynb").write_bytes(written(mine))
    (acme / "Makefile").write_text("all:\n")
    (acme / "docs" / "mail.md").unlink()
    later["cells"][0]["source"] = ["# Portfolio, worded better"]
    released(
        {
            "notebooks/portfolio.ipynb": written(later),
            "Makefile": b"help:\n",
            "docs/mail.md": b"new\n",
            "docs/data.md": None,
        }
    )
    upgraded = upgrade(acme)
    assert upgraded.edited == ["Makefile", "notebooks/portfolio.ipynb"]
    assert "Our own portfolio" in (acme / "notebooks" / "portfolio.ipynb").read_text()
    assert (acme / "Makefile").read_text() == "all:\n"
    assert not (acme / "docs" / "mail.md").exists(), "what was removed on purpose stays away"
    assert upgraded.removed == ["docs/data.md", f"wheels/{WHEEL.name}"]
    assert upgrade(acme).edited == upgraded.edited, "they are named again until they are brought up"


def test_what_a_company_decides_is_never_touched(acme, released):
    (acme / "params" / "project.yml").write_text("year_end: MAR\n")
    (acme / "tests" / "figures.csv").write_text("period,scope,entity,kpi,value\n")
    released({"params/project.yml": b"# new\n", "params/playbook.yml": b"# new\n"})
    upgraded = upgrade(acme)
    assert (acme / "params" / "project.yml").read_text() == "year_end: MAR\n"
    assert (acme / "params" / "playbook.yml").read_bytes() != b"# new\n"
    assert upgraded.edited == []


def test_running_a_notebook_for_another_partner_is_no_change_and_is_kept(acme, released):
    mine, later = notebook(acme, "partner_scorecard"), notebook(acme, "partner_scorecard")
    chosen = cell_of_parameters(mine)
    chosen["source"] = [line.replace('"Germany"', '"EIRE"') for line in chosen["source"]]
    chosen["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "seen\n"}]
    (acme / "notebooks" / "partner_scorecard.ipynb").write_bytes(written(mine))
    later["cells"][0]["source"] = ["# Scorecard, worded better"]
    released({"notebooks/partner_scorecard.ipynb": written(later)})
    assert "notebooks/partner_scorecard.ipynb" in upgrade(acme).replaced
    now = notebook(acme, "partner_scorecard")
    assert now["cells"][0]["source"] == ["# Scorecard, worded better"]
    assert 'partner_id = "EIRE"' in "".join(cell_of_parameters(now)["source"])
    assert cell_of_parameters(now)["outputs"] == []


def test_other_parameters_of_a_later_release_win_over_those_that_were_chosen(acme, released):
    later = notebook(acme, "partner_scorecard")
    cell_of_parameters(later)["source"] = ['partner = "Germany"\n']
    later["cells"][0]["source"] = ["# Scorecard, worded better"]
    released({"notebooks/partner_scorecard.ipynb": written(later)})
    upgrade(acme)
    now = cell_of_parameters(notebook(acme, "partner_scorecard"))
    assert now["source"] == ['partner = "Germany"\n']


def test_other_line_ends_are_no_change(acme, released):
    page = acme / "docs" / "data.md"
    page.write_bytes(page.read_bytes().replace(b"\n", b"\r\n"))
    released({"docs/data.md": b"new\n"})
    assert "docs/data.md" in upgrade(acme).replaced


def test_a_notebook_that_is_none_any_more_stays(acme, released):
    (acme / "notebooks" / "portfolio.ipynb").write_text("half of a notebo")
    released({"notebooks/portfolio.ipynb": written(notebook(acme, "cltv"))})
    assert upgrade(acme).edited == ["notebooks/portfolio.ipynb"]


def test_a_lock_that_was_changed_by_hand_stops_an_upgrade_before_it_begins(acme, released):
    lock = acme / "requirements.lock"
    lock.write_text(lock.read_text() + "requests==2.0\n")
    released({"docs/data.md": b"new\n"})
    with pytest.raises(CallError, match=r"requirements\.lock: is not as it came"):
        upgrade(acme)
    assert (acme / "docs" / "data.md").read_bytes() != b"new\n"


def test_what_kpi_new_did_not_lay_out_is_not_upgraded(acme, tmp_path):
    with pytest.raises(CallError, match="is no project that `kpi new` laid out"):
        upgrade(tmp_path)
    (acme / ".kpi-project.json").write_text("{}")
    with pytest.raises(CallError, match="is missing or damaged"):
        upgrade(acme)


def test_the_same_release_changes_nothing(acme):
    before = {file: file.read_bytes() for file in acme.rglob("*") if file.is_file()}
    upgraded = upgrade(acme)
    assert (upgraded.replaced, upgraded.added, upgraded.removed, upgraded.edited) == (
        [],
        [],
        [],
        [],
    )
    assert {file: file.read_bytes() for file in acme.rglob("*") if file.is_file()} == before
