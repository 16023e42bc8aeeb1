"""What a report's kernel may touch, and what it knows of its surroundings."""

import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

import kpi_lib
from kpi_lib.batch import confined, confinement, kernel, kernels, landlock, namespaces, seccomp
from kpi_lib.batch.confinement import Confinement, confinement_of, environment_of
from kpi_lib.batch.inherited import INHERITED, Inherited
from kpi_lib.batch.refusals import Line

PACKAGE = Path(kpi_lib.__file__).parent


def may_read(allowed, place):
    return any(Path(place).is_relative_to(root) for root in allowed.read)


@pytest.fixture
def allowed(tmp_path):
    (tmp_path / "Germany" / "partner").mkdir(parents=True)
    return confinement_of(tmp_path / "Germany" / "partner", tmp_path / "scratch")


def test_the_own_slice_and_the_code_may_be_read(allowed, tmp_path):
    assert may_read(allowed, tmp_path / "Germany/partner/slice.json")
    assert may_read(allowed, PACKAGE / "show/page.css")
    assert may_read(allowed, json.__file__)


def test_other_slices_and_the_example_may_not(allowed, tmp_path):
    assert not may_read(allowed, tmp_path / "Germany/internal/slice.json")
    assert not may_read(allowed, tmp_path / "France/partner/slice.json")
    assert not may_read(allowed, PACKAGE / "examples/online_retail/orders.parquet")
    assert may_read(allowed, PACKAGE / "data/schema.py")


def test_a_project_inside_pythons_own_folder_stays_shut(tmp_path):
    run = Path(json.__file__).parent.parent / "json" / "tool.py"
    allowed = confinement_of(tmp_path, tmp_path, shut=(run,))
    assert not may_read(allowed, run)
    assert may_read(allowed, json.__file__)
    inside = confinement_of(tmp_path, tmp_path, shut=(PACKAGE.parent,))
    assert not may_read(inside, PACKAGE / "show/page.css")


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The library as pip installs it: among all others, with the example in it."""
    site = tmp_path / "site-packages"
    example = site / "kpi_lib" / "examples"
    for file in (example / "orders.parquet", site / "matplotlib_inline.py"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    monkeypatch.setattr(confinement, "SHIPPED", (example,))
    monkeypatch.setattr(confinement, "_own_places", lambda: [str(site)])
    confinement._python_places.cache_clear()
    yield site
    confinement._python_places.cache_clear()


def test_an_installed_library_finds_the_packages_beside_it_and_not_the_example(installed, tmp_path):
    allowed = confinement_of(tmp_path / "gone", tmp_path / "scratch")
    example = installed / "kpi_lib" / "examples"
    assert may_read(allowed, installed / "matplotlib_inline.py")
    assert not may_read(allowed, example / "orders.parquet")
    assert {str(installed), str(example.parent)} <= set(allowed.listed)
    assert str(example) not in allowed.listed


def test_the_folders_around_a_companys_own_data_are_not_listed(installed, tmp_path):
    inside = installed / "kpi_lib" / "data" / "exports"
    inside.mkdir(parents=True)
    allowed = confinement_of(tmp_path / "gone", tmp_path / "scratch", shut=(inside,))
    assert not [place for place in allowed.listed if Path(place).is_relative_to(installed)]


def test_a_slice_that_is_not_there_opens_nothing(tmp_path):
    assert not may_read(confinement_of(tmp_path / "gone", tmp_path), tmp_path / "gone")


def test_secrets_of_the_environment_do_not_reach_a_kernel(allowed, tmp_path, monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD", "hunter2")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    monkeypatch.setenv("LANG", "C.UTF-8")
    variables = environment_of(allowed, tmp_path)
    assert "hunter2" not in "".join(variables.values())
    assert variables["LANG"] == "C.UTF-8"
    assert variables["OMP_NUM_THREADS"] == "1"
    assert variables["HOME"] == str(tmp_path)


def test_a_confinement_survives_the_way_to_the_kernel(allowed):
    assert Confinement.from_text(allowed.to_text()) == allowed


def test_a_process_confines_itself_in_a_room_behind_walls_and_the_hook(allowed, monkeypatch):
    order, said = [], Line(0)
    monkeypatch.setattr(confined.sys, "addaudithook", lambda _: order.append("hook"))
    monkeypatch.setattr(confined.sys, "meta_path", [])
    monkeypatch.setattr(namespaces, "enter", lambda *places: order.append("room"))
    monkeypatch.setattr(landlock, "restrict", lambda *places: order.append("files"))
    monkeypatch.setattr(landlock, "version", lambda: 4)
    monkeypatch.setattr(seccomp, "available", lambda: True)
    monkeypatch.setattr(seccomp, "restrict", lambda kept: order.append("calls") or -1)
    confined.confine(replace(allowed, room=True), said)
    assert order == ["room", "files", "hook", "calls"]
    order.clear()
    monkeypatch.setattr(landlock, "version", lambda: 0)
    monkeypatch.setattr(seccomp, "available", lambda: False)
    confined.confine(replace(allowed, room=False), said)
    assert order == ["hook"]


def test_the_launcher_confines_before_it_starts_the_kernel(allowed, monkeypatch):
    order = []
    monkeypatch.setenv(confinement.VARIABLE, allowed.to_text())
    monkeypatch.setenv(INHERITED, Inherited(7, {1: 8}).to_text())
    monkeypatch.setattr(confined, "confine", lambda applied, line: order.append(applied))
    monkeypatch.setattr(kernel, "launch", lambda sockets, line: order.append((sockets, line)))
    before = list(confined.sys.path)
    confined.main()
    (applied, (sockets, line)) = order
    assert (applied, sockets, line.descriptor) == (allowed, {1: 8}, 7)
    assert INHERITED not in os.environ
    confined.sys.path[:] = before


def test_modules_are_looked_for_only_where_a_kernel_may_look(allowed, tmp_path, monkeypatch):
    monkeypatch.setenv(confinement.VARIABLE, allowed.to_text())
    monkeypatch.setattr(confined, "confine", lambda *_: None)
    monkeypatch.setattr(kernel, "launch", lambda *_: None)
    library = str(Path(json.__file__).parent.parent)
    monkeypatch.setattr(confined.sys, "path", ["", str(tmp_path), library, str(PACKAGE / "data")])
    confined.main()
    assert confined.sys.path == [library, str(PACKAGE / "data")]


def test_without_what_the_batch_gives_a_kernel_has_no_line():
    assert Inherited.from_text("") == Inherited()


def test_the_libraries_of_a_report_work_behind_the_wall(allowed, tmp_path):
    if not landlock.version():
        pytest.skip("this machine has no Landlock")
    came = []

    def run():
        landlock.restrict(allowed.read, (*allowed.write, "/dev/null"))
        import matplotlib.font_manager as fonts

        came.append(Path(fonts.findfont("DejaVu Sans")).read_bytes()[:4])

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert came == [b"\x00\x01\x00\x00"]


@pytest.mark.parametrize(("platform", "transport"), [("linux", "ipc"), ("win32", "tcp")])
def test_kernels_meet_in_a_folder_where_the_system_can(
    allowed, tmp_path, monkeypatch, platform, transport
):
    monkeypatch.setattr(kernels.sys, "platform", platform)
    manager = kernels.manager_of(allowed, tmp_path, None)(kernel_name="python3")
    assert manager.transport == transport
    assert "kpi_lib.batch.confined" in manager.kernel_spec.argv
