"""The command as a process of its own: how it ends."""

from __future__ import annotations

import subprocess
import sys

import pytest

ENDS = """
import atexit, sys
from kpi_lib import cli
atexit.register(lambda: print("taken down"))
cli.main = {main}
cli.script()
"""


def ended(main: str) -> tuple[int, str, str]:
    """Run the script around a command of one line."""
    done = subprocess.run(
        [sys.executable, "-c", ENDS.format(main=main)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("main", "expected"),
    [
        ("lambda: print('done')", (0, "done\n", "")),
        ("lambda: sys.exit(2)", (2, "", "")),
        ("lambda: sys.exit(None)", (0, "", "")),
        ("lambda: sys.exit('no')", (1, "", "no\n")),
    ],
)
def test_a_command_that_is_done_is_gone_with_its_status_and_nothing_is_taken_down(main, expected):
    assert ended(main) == expected


STILL_READS = """
import io, sys, threading
import pyarrow as pa, pyarrow.csv as pacsv
from kpi_lib import cli

class Endless(io.RawIOBase):
    blocks = 0
    def readable(self):
        return True
    def read(self, size=-1):
        self.blocks += 1
        if self.blocks > 3:
            threading.Event().wait(0.5)
        return (b"a,b\\n" if self.blocks == 1 else b"") + b"1,2\\n" * 3000

options = pacsv.ReadOptions(use_threads=False, block_size=4096)
batches = pacsv.open_csv(pa.PythonFile(Endless(), mode="r"), options)
batches.read_next_batch()
cli.main = lambda: sys.exit(2)
cli.script()
"""


def test_a_library_that_still_reads_in_a_thread_of_its_own_aborts_nothing():
    done = subprocess.run(
        [sys.executable, "-c", STILL_READS], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


def test_an_unforeseen_error_keeps_its_traceback():
    status, _, said = ended("lambda: 1 / 0")
    assert status == 1
    assert "Traceback" in said and "ZeroDivisionError" in said


def test_the_module_is_the_command_and_a_pipe_may_end_before_it():
    listing = f"{sys.executable} -m kpi_lib.cli list | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", listing], capture_output=True, text=True, check=False
    )
    assert "family" in done.stdout
    assert "Traceback" not in done.stderr
