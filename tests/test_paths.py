from __future__ import annotations

from pathlib import Path

from kpi_lib import paths


def test_the_project_is_the_nearest_folder_above_with_settings(tmp_path, monkeypatch):
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "project.yml").touch()
    inside = tmp_path / "notebooks" / "drafts"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    assert paths.project() == tmp_path
    assert paths.params() == tmp_path / "params"
    assert paths.notebooks() == tmp_path / "notebooks"
    assert paths.reports() == tmp_path / "reports"


def test_without_settings_above_the_project_is_the_checkout(tmp_path):
    assert paths.project(tmp_path) == paths.package().parent


def test_an_installed_package_works_where_it_is_called(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "package", lambda: tmp_path / "site-packages" / "kpi_lib")
    assert paths.project(tmp_path) == tmp_path


def test_the_example_ships_inside_the_package():
    assert (paths.example_data() / "orders.parquet").is_file()


def test_paths_are_shown_as_people_know_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert paths.shown(Path("/shop/params/shop/params/project.yml")) == "params/project.yml"
    assert paths.shown(tmp_path / "data" / "orders.csv") == "data/orders.csv"
    assert paths.shown(Path("/elsewhere/orders.csv")) == "/elsewhere/orders.csv"
