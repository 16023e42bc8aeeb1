"""Words that one kernel could pass to another: every way works unconfined, and none confined."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kpi_lib.batch import landlock, namespaces, seccomp
from kpi_lib.batch.confinement import confinement_of
from kpi_lib.batch.refusals import Supervisor
from tests.batch.ways import WAYS, WORD, clean

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (landlock.version() and seccomp.available()), reason="this system has no walls"
    ),
]
FILES = (
    *("text", "xattr", "fxattr", "day", "fday", "old", "mode", "fmode", "owner", "links", "length"),
    *("read", "flag", "hint", "flock", "posix", "ofd", "lease", "watched", "mincore", "nowait"),
)
# What a look at a name shows cannot be filtered: only a room of its own has other names.
SEEN_WITHOUT_A_ROOM = {
    "whether a file is there",
    "the size of a file",
    "where a link leads",
    "when a file was read",
    "when a folder was listed",
    "how many files a process has open",
}


@dataclass(frozen=True)
class Kind:
    """How two neighbours are made."""

    confined: bool = True
    room: bool = True
    warm: bool = False
    past_python: bool = True


class Neighbour:
    """One of the two: obeys an order at a time, for all ways at once."""

    def __init__(self, setup: dict, line: int) -> None:
        command = [sys.executable, "-m", "tests.batch.neighbour", json.dumps(setup)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=(line,)
        )
        self.pid = json.loads(self.process.stdout.readline())

    def do(self, half: str, ways: list[str], notes: dict) -> tuple[dict, dict]:
        """Return what came of each way, and the notes; those after its death are not there."""
        order = json.dumps({"half": half, "ways": ways, "notes": notes})
        with suppress(BrokenPipeError):
            self.process.stdin.write(order + "\n")
            self.process.stdin.flush()
        came = {}
        for text in self.process.stdout:
            line = json.loads(text)
            if isinstance(line, dict):
                return came, line
            came[line[0]] = line[1]
        return came, {}

    def end(self) -> None:
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def common(tmp_path):
    """What both may read, as they may Python: every file as old as can be."""
    folder = tmp_path / "common"
    for name in ("folder", "listed", "noted"):
        (folder / name).mkdir(parents=True)
        (folder / name / "x").write_text("x")
    for name in FILES:
        (folder / f"{name}.py").write_text("# a package\n" * 400)
    for place in list(folder.rglob("*")):  # which looks into each, so that must be over
        os.utime(place, (1000, 1000))
    yield folder
    clean()


@pytest.fixture
def daemon(tmp_path):
    """A program of the same user that repeats the last word it was sent, as a database does."""
    last = ["nothing"]
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "daemon"))
    server.listen()

    def serve():
        with suppress(OSError):
            while True:
                with server.accept()[0] as client:
                    heard = client.recv(99).decode()
                    last[0] = heard if heard not in ("", "?") else last[0]
                    client.sendall(last[0].encode())

    threading.Thread(target=serve, daemon=True).start()
    yield str(tmp_path / "daemon")
    server.shutdown(socket.SHUT_RDWR)
    server.close()


@contextmanager
def neighbour(kind: Kind, common: Path, daemon: str, own: str, other: str):
    """A process with its own scratch folder and slice, confined as a kernel is."""
    for name in (own, other, f"slice-{own}"):
        (common.parent / name).mkdir(exist_ok=True)
    scratch = common.parent / own
    allowed = confinement_of(common.parent / f"slice-{own}", scratch)
    allowed = replace(allowed, read=(*allowed.read, str(common)), room=kind.room)
    with Supervisor() as supervisor:
        setup = {
            "common": str(common),
            "scratch": str(scratch),
            "others": str(common.parent / other),
            "daemon": daemon,
            "confinement": allowed.to_text() if kind.confined else "",
            "line": supervisor.theirs.fileno(),
            "warm": kind.warm,
            "past_python": kind.past_python,
        }
        process = Neighbour(setup, supervisor.theirs.fileno())
        supervisor.theirs.close()
        try:
            yield process
        finally:
            process.end()


def side_by_side(kind: Kind, common: Path, daemon: str, tells: bool = True) -> dict[str, str]:
    """Return what was heard of each way while whoever passed it was there."""
    lively = [name for name, way in WAYS.items() if not way.deadly]
    deadly = [name for name, way in WAYS.items() if way.deadly]
    with ExitStack() as stack:
        teller = stack.enter_context(neighbour(kind, common, daemon, "first", "second"))
        hearer = stack.enter_context(neighbour(kind, common, daemon, "second", "first"))
        notes, heard = {"teller": teller.pid, "hearer": hearer.pid}, {}
        for ways in (lively, deadly):
            _, notes = hearer.do("watch", ways, notes)
            if tells:
                _, notes = teller.do("tell", ways, notes)
            heard |= hearer.do("hear", ways, notes)[0]
            assert ways is deadly or teller.process.poll() is None
        return heard


def one_after_the_other(kind: Kind, common: Path, daemon: str) -> dict[str, str]:
    """Return what was heard of each way when whoever passed it had ended."""
    ways = [name for name, way in WAYS.items() if way.after]
    with neighbour(kind, common, daemon, "first", "second") as teller:
        _, notes = teller.do("tell", ways, {})
    with neighbour(kind, common, daemon, "second", "first") as hearer:
        return hearer.do("hear", ways, notes)[0]


def passed(heard: dict[str, str]) -> set[str]:
    return {name for name, word in heard.items() if word == WORD}


MEETINGS = {"side by side": side_by_side, "one after the other": one_after_the_other}


def test_unconfined_the_ways_pass_a_word_and_invent_none(common, daemon):
    heard = side_by_side(Kind(confined=False), common, daemon)
    assert len(passed(heard)) >= 60, {n: w for n, w in heard.items() if w != WORD}
    clean()


def test_a_word_that_nobody_passed_is_not_heard(common, daemon):
    assert passed(side_by_side(Kind(confined=False), common, daemon, tells=False)) == set()


def test_unconfined_a_word_outlives_whoever_passed_it(common, daemon):
    heard = one_after_the_other(Kind(confined=False), common, daemon)
    assert len(passed(heard)) >= 25, {n: w for n, w in heard.items() if w != WORD}


@pytest.mark.skipif(not namespaces.granted(), reason="this machine grants no rooms")
@pytest.mark.parametrize("past_python", [True, False], ids=["the walls alone", "all"])
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize("meeting", MEETINGS)
def test_no_word_passes_between_kernels_in_rooms_of_their_own(
    common, daemon, meeting, warm, past_python
):
    heard = MEETINGS[meeting](Kind(warm=warm, past_python=past_python), common, daemon)
    assert passed(heard) == set()
    assert len(heard) > 20  # it lived to try


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize("meeting", MEETINGS)
def test_without_rooms_no_word_passes_but_by_what_a_name_shows(common, daemon, meeting, warm):
    heard = MEETINGS[meeting](Kind(room=False, warm=warm), common, daemon)
    assert passed(heard) <= SEEN_WITHOUT_A_ROOM
    assert len(heard) > 20
