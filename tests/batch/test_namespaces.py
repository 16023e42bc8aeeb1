"""A room of a kernel's own: what is in it, and where a machine grants none."""

import json
import os
import subprocess
import sys

import pytest

from kpi_lib.batch import namespaces

needs_room = pytest.mark.skipif(not namespaces.granted(), reason="this machine grants no rooms")
SHOW = """
import json, os, sys
from pathlib import Path
from kpi_lib.batch import namespaces
own, scratch, other = map(Path, sys.argv[1:])
namespaces.enter([str(own)], [str(scratch), "/dev/null"])
(scratch / "new").write_text("x")
def fails(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__ + str(error.errno)
print(json.dumps({
    "own": (own / "slice.json").read_text(),
    "kept": (scratch / "kept").read_text(),
    "other": other.exists(),
    "written": fails(lambda: (own / "slice.json").write_text("x")),
    "processes": sorted(set(os.listdir("/proc")) - {str(os.getpid())}),
    "self": int(os.readlink("/proc/self")) == os.getpid(),
    "shared": fails(lambda: Path("/dev/shm/x").write_text("x")),
    "user": os.getuid(),
    "interfaces": len(__import__("socket").if_nameindex()),
}))
"""


@pytest.fixture
def seen(tmp_path):
    """What a process sees in its room."""
    for name in ("own", "other", "scratch"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "slice.json").write_text(name)
    (tmp_path / "scratch" / "kept").write_text("fonts")
    places = [str(tmp_path / name) for name in ("own", "scratch", "other")]
    command = [sys.executable, "-c", SHOW, *places]
    # What measures coverage would look for itself in a room where it may not be.
    unmeasured = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
    # From the root: a room hides the folder of a checkout that lies in /tmp.
    done = subprocess.run(
        command, cwd="/", capture_output=True, text=True, check=True, env=unmeasured
    )
    return json.loads(done.stdout)


def test_a_machine_grants_the_same_to_a_project_in_a_folder_that_a_room_hides(
    tmp_path, monkeypatch
):
    asked = namespaces.granted.__wrapped__
    monkeypatch.chdir("/")
    anywhere = asked()
    monkeypatch.chdir(tmp_path)
    assert asked() == anywhere


@needs_room
def test_in_a_room_are_the_own_slice_and_scratch_and_no_other_files(seen):
    assert (seen["own"], seen["kept"], seen["other"]) == ("own", "fonts", False)


@needs_room
def test_in_a_room_is_no_other_process_nor_network(seen):
    assert seen["processes"] == ["self"]
    assert seen["self"]
    assert seen["interfaces"] <= 1  # its own loop, which is down


@needs_room
def test_what_is_written_in_a_room_goes_with_it(seen, tmp_path):
    assert seen["written"] == seen["shared"] == "OSError30"  # only to be read
    assert not (tmp_path / "scratch" / "new").exists()


@needs_room
def test_files_keep_their_owners(seen):
    assert seen["user"] == os.getuid()


def test_elsewhere_there_are_no_rooms(monkeypatch):
    namespaces.granted.cache_clear()
    monkeypatch.setattr(namespaces.sys, "platform", "darwin")
    assert not namespaces.granted()
    namespaces.granted.cache_clear()


def test_a_machine_that_grants_none_is_found_by_trying(monkeypatch):
    namespaces.granted.cache_clear()
    monkeypatch.setattr(namespaces.sys, "platform", "linux")
    monkeypatch.setattr(namespaces.sys, "executable", "/bin/false")
    assert not namespaces.granted()
    namespaces.granted.cache_clear()


def test_a_refusal_of_the_machine_is_an_error():
    with pytest.raises(OSError, match="namespaces"):
        namespaces._require_success(-1)
