"""The wheel: what travels in it, and that an installed library can be packed again."""

from __future__ import annotations

import io
import subprocess
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from kpi_lib import paths
from kpi_lib.errors import RunError
from kpi_lib.release import version
from kpi_lib.starter import wheel as module
from kpi_lib.starter.wheel import Wheel, wheel_of_the_library


@pytest.fixture(scope="module")
def built() -> Wheel:
    return wheel_of_the_library()


def files_in(wheel: Wheel) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_notebooks_templates_languages_the_example_and_its_licence_travel_in_it(built):
    files = files_in(built)
    start = "kpi_lib/starter/files"
    assert built.name == f"partner_scorecards-{version()}-py3-none-any.whl"
    assert files.keys() >= {
        "kpi_lib/py.typed",
        "kpi_lib/show/languages/de.po",
        "kpi_lib/publish/templates/scorecard/index.html.j2",
        "kpi_lib/examples/online_retail/orders.parquet",
        "kpi_lib/examples/online_retail/LICENSE-CC-BY-4.0",
        f"{start}/params/project.yml",
        f"{start}/requirements.lock",
        f"{start}/Makefile",
        f"{start}/setup.mk",
        f"{start}/tests/test_project.py",
    }
    shipped = {path.name for path in paths.shipped("notebooks").glob("*.ipynb")}
    assert {Path(name).name for name in files if name.startswith(f"{start}/notebooks/")} >= shipped


def test_its_metadata_name_the_licences_and_the_files_that_hold_them(built):
    files = files_in(built)
    folder = f"partner_scorecards-{version()}.dist-info"
    metadata = files[f"{folder}/METADATA"].decode()
    assert "License-Expression: Apache-2.0 AND CC-BY-4.0\n" in metadata
    assert f"{folder}/licenses/LICENSE" in files
    assert [name for name in files if name.endswith("licenses/LICENSE-CC-BY-4.0")] == []
    assert any(name.startswith(folder) and name.endswith("CC-BY-4.0") for name in files)


def test_an_installed_library_is_packed_as_the_wheel_that_it_came_from(built, tmp_path):
    with zipfile.ZipFile(io.BytesIO(built.content)) as archive:
        archive.extractall(tmp_path)
    (folder,) = tmp_path.glob("*.dist-info")
    for name in ("INSTALLER", "REQUESTED"):
        (folder / name).write_text("pip\n")
    with (folder / "RECORD").open("a") as record:
        record.write("../../bin/kpi,,\nkpi_lib/__pycache__/cli.pyc,,\n")
        record.write("".join(f"{folder.name}/{name},,\n" for name in ("INSTALLER", "REQUESTED")))
    packed = module._packed(metadata.Distribution.at(folder))
    assert packed.name == built.name
    before, after = files_in(built), files_in(packed)
    record = f"{folder.name}/RECORD"
    assert {n: c for n, c in after.items() if n != record} == {
        n: c for n, c in before.items() if n != record
    }
    assert sorted(after[record].split()) == sorted(before[record].split())
    assert module._packed(metadata.Distribution.at(folder)) == packed, "to the byte"


def test_a_wheel_that_cannot_be_built_says_why(monkeypatch):
    failed = subprocess.CompletedProcess([], 1, "", "Traceback\nNo module named hatchling\n")
    monkeypatch.setattr(module.subprocess, "run", lambda *args, **kwargs: failed)
    with pytest.raises(RunError, match=r"cannot be built \(No module named hatchling\)"):
        wheel_of_the_library()
