"""The readable half of the confinement: who asked for what, in words."""

import os
import subprocess
import sys

import pytest

from kpi_lib.batch.audit_hook import Guard, NoEngines


@pytest.fixture
def guard(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "scratch").mkdir()
    return Guard([str(tmp_path / "own")], [str(tmp_path / "scratch")])


def test_its_own_slice_may_be_read(guard, tmp_path):
    guard("open", (str(tmp_path / "own/slice.json"), "r", 0))
    guard("open", (os.fsencode(tmp_path / "own/slice.json"), None, os.O_RDONLY))
    guard("os.listdir", (str(tmp_path / "own"),))
    guard("open", (3, "r", 0))  # a file that is open already


def test_a_folder_may_be_listed_and_not_read(tmp_path):
    (tmp_path / "others").mkdir()
    guard = Guard([], [], [str(tmp_path)])
    guard("os.listdir", (str(tmp_path),))
    guard("os.scandir", (os.fsencode(tmp_path),))
    for event, place in (("os.listdir", tmp_path / "others"), ("open", tmp_path / "orders.csv")):
        with pytest.raises(PermissionError, match="own slice"):
            guard(event, (str(place), "r", 0))


def test_its_scratch_folder_may_be_written(guard, tmp_path):
    guard("open", (str(tmp_path / "scratch/x"), "w", 0))
    guard("os.rename", (str(tmp_path / "scratch/x"), str(tmp_path / "scratch/y"), -1, -1))
    guard("os.mkdir", (str(tmp_path / "scratch/z"), 0o777, -1))
    guard("sqlite3.connect", (":memory:",))


def test_what_is_not_about_files_is_let_be(guard):
    guard("compile", ("x", "y"))
    guard("socket.sendmsg", (None, None))  # over a connection that is there
    guard("os.kill", (os.getpid(), 2))


class Heard(list):
    """A line that keeps what was said."""

    say = list.append


def test_a_refusal_reaches_the_batch_before_the_notebook_knows_of_it(tmp_path):
    line = Heard()
    guard = Guard([], [], line=line)
    with pytest.raises(PermissionError):
        guard("open", (str(tmp_path), "r", 0))
    with pytest.raises(ImportError):
        NoEngines(line).find_spec("polars")
    assert f"it asked for {tmp_path}" in line[0]
    assert "polars" in line[1]
    guard("compile", ("x", "y"))
    assert len(line) == 2


@pytest.mark.parametrize(
    ("event", "args", "message"),
    [
        pytest.param("open", ("{}/kpis.parquet", "rb", 0), "own slice", id="the KPI table"),
        pytest.param("open", ("{}/kpis.parquet", None, os.O_RDONLY), "own slice", id="os.open"),
        pytest.param("open", ("{}/own/../kpis.parquet", "r", 0), "own slice", id="dots"),
        pytest.param("open", ("{}/own-2/slice.json", "r", 0), "own slice", id="a longer name"),
        pytest.param("os.listdir", ("{}",), "own slice", id="a look around"),
        pytest.param("os.scandir", (None,), "own slice", id="a look around here"),
        pytest.param("open", ("{}/own/slice.json", "w", 0), "scratch folder", id="its own slice"),
        pytest.param("open", ("{}/x", None, os.O_CREAT | os.O_WRONLY), "scratch", id="a new file"),
        pytest.param("os.remove", ("{}/own/slice.json", -1), "scratch", id="removing"),
        pytest.param("os.symlink", ("{}/x", "{}/scratch/x", -1), "scratch", id="a link out"),
        pytest.param("sqlite3.connect", ("{}/company.db",), "scratch", id="a database"),
        pytest.param("subprocess.Popen", ("/bin/cat", [], None, None), "program; .* cat", id="cat"),
        pytest.param("os.system", (b"cat x",), "no other program", id="a shell"),
        pytest.param("os.posix_spawn", (None, [], {}), "no other program", id="a spawn"),
        pytest.param(
            "socket.connect", (None, ("10.0.0.1", 80)), "network; .*10.0.0.1", id="a call"
        ),
        pytest.param("socket.sendmsg", (None, ("10.0.0.1", 9)), "network", id="a message of UDP"),
        pytest.param("socket.bind", (None, "\0name"), "network", id="a name to be found by"),
        pytest.param("os.utime", ("{}/own/slice.json", None, None, -1), "scratch", id="a day"),
        pytest.param("os.chmod", (3, 0o600, -1), "a file that is open", id="rights of its own"),
        pytest.param("os.setxattr", ("{}/scratch/x", "user.x", b"x", 0), "another", id="xattr"),
        pytest.param("os.fork", (), "another, .* os.fork", id="a process that stays behind"),
        pytest.param("os.kill", (1, 0), "another, .* os.kill", id="a signal"),
        pytest.param("fcntl.flock", (3, 2), "another, .* fcntl.flock", id="a lock"),
        pytest.param("socket.getaddrinfo", ("example.org", 80, 0, 0, 0), "network", id="a name"),
    ],
)
def test_everything_else_is_refused_and_named(guard, tmp_path, event, args, message):
    here = [a.format(tmp_path) if isinstance(a, str) else a for a in args]
    with pytest.raises(PermissionError, match=message):
        guard(event, tuple(here))


def test_on_windows_an_event_loop_may_talk_to_itself(guard, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    guard("socket.connect", (None, ("127.0.0.1", 5000)))
    with pytest.raises(PermissionError):
        guard("socket.connect", (None, ("10.0.0.1", 5000)))


def test_engines_that_read_past_python_cannot_be_imported():
    finder = NoEngines()
    for name in ("polars", "pyarrow.parquet", "duckdb", "sqlalchemy"):
        with pytest.raises(ImportError, match="only its own slice"):
            finder.find_spec(name)
    assert finder.find_spec("pandas") is None


def test_the_hook_is_in_force_in_a_process_that_confines_itself_without_a_wall(tmp_path):
    code = f"""
from kpi_lib.batch import confined, landlock
from kpi_lib.batch.confinement import confinement_of
from pathlib import Path
landlock.version = lambda: 0
own = Path({str(tmp_path)!r}) / "own"
own.mkdir()
(own / "slice.json").write_text("mine")
confined.confine(confinement_of(own, own))
print((own / "slice.json").read_text())
try:
    open({__file__!r})
except PermissionError as refused:
    print(refused)
try:
    import polars
except ImportError as refused:
    print(refused)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[0] == "mine"
    assert f"own slice; it asked for {__file__}" in lines[1]
    assert "no engine" in lines[2]
