"""Nothing under its final name is ever half-written."""

import os
import sys
from pathlib import Path

import pytest

from kpi_lib import atomic as place
from kpi_lib.atomic import remove_folder, require_apart, swap_folder, write_whole
from kpi_lib.errors import RunError


def test_a_file_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    file = tmp_path / "new" / "index.html"
    write_whole(file, "old")
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_whole(file, "new")
    assert file.read_text() == "old"


def test_a_folder_takes_the_place_of_an_older_one_as_a_whole(tmp_path):
    for name, text in (("partners/A", "old"), ("staging/A", "new")):
        write_whole(tmp_path / name / "scorecard.html", text)
    write_whole(tmp_path / "partners/A/left-over.html", "old")
    swap_folder(tmp_path / "staging/A", tmp_path / "partners/A", tmp_path / "aside")
    assert (tmp_path / "partners/A/scorecard.html").read_text() == "new"
    assert not (tmp_path / "partners/A/left-over.html").exists()
    assert not (tmp_path / "staging/A").exists()
    assert not list((tmp_path / "aside").iterdir())


def test_a_folder_that_is_not_there_needs_no_removing(tmp_path):
    remove_folder(tmp_path / "gone", tmp_path / "aside")
    assert not (tmp_path / "aside").exists()


def test_windows_makes_names_durable_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(place.sys, "platform", "win32")
    place.sync_folder(tmp_path / "not even there")


def test_two_ids_that_are_one_name_in_a_folder_are_refused(tmp_path, monkeypatch):
    require_apart(tmp_path, ["P1", "p1"])  # this system knows them apart
    assert list(tmp_path.iterdir()) == []
    made = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: path.name.startswith("CASE-") or made(path))
    require_apart(tmp_path, ["P1", "P2"])
    with pytest.raises(RunError, match="partners P1 and p1: their ids are one name"):
        require_apart(tmp_path, ["P1", "p1", "P2"])


def test_windows_makes_no_folder_of_a_device_s_name(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(RunError, match="partner NUL: Windows makes no such folder"):
        require_apart(tmp_path, ["P1", "NUL"])
