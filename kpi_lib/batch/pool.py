"""The parent's side of a worker process: give it a job, wait for the answer, replace it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from kpi_lib.batch.jobs import Job, ReportResult
from kpi_lib.errors import Problem

CELL_SECONDS = 300  # a scorecard's cells take a few seconds; one that takes longer hangs
_REPORT_CELLS = 12  # a report may take this many times a cell's time before its worker is stopped
_LAST_LINES = 5
_ENDS_WITHIN = 20.0  # seconds, once there are no more jobs
COMMAND = (sys.executable, "-m", "kpi_lib.batch.worker")


class Worker:
    """One worker process, started with its first job; what it prints goes to a log.

    `plain`: the process ends with each job, and the next job starts one of its own.
    """

    def __init__(self, log: Path, command: Sequence[str] = COMMAND, *, plain: bool = False) -> None:
        self.log, self.command, self.plain = log, command, plain
        self._process: subprocess.Popen[str] | None = None

    def make(self, job: Job, staging: Path, cell_seconds: int) -> ReportResult:
        """Make a report; where the worker dies over it, say so."""
        started = time.perf_counter()
        process = self._running_process()
        limit = threading.Timer(_REPORT_CELLS * cell_seconds, process.kill)
        limit.start()
        try:
            answer = self._ask(process, job, staging, cell_seconds)
        finally:
            limit.cancel()
        if answer:
            if self.plain:
                self.stop()
            return ReportResult.from_text(answer)
        problem = Problem(job.page.label, self._how_it_died(process), "Run it again.")
        took = round(time.perf_counter() - started, 3)
        return ReportResult(job.page, (problem,), took)

    def stop(self) -> None:
        """End the process, and wait until it has."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            with suppress(BrokenPipeError):  # it has ended already, with a job half written
                process.stdin.close()  # no more jobs: it ends by itself
        try:
            process.wait(timeout=_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()

    def _running_process(self) -> subprocess.Popen[str]:
        """Return the worker's process, started now where none is running."""
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.stop()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                env=os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"},
            )
        return self._process

    def _ask(
        self, process: subprocess.Popen[str], job: Job, staging: Path, cell_seconds: int
    ) -> str:
        """Return the worker's answer, or nothing where it died before it gave one."""
        asked = {"job": job.to_text(), "staging": str(staging), "cell_seconds": cell_seconds}
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            return ""
        return process.stdout.readline().strip()

    def _how_it_died(self, process: subprocess.Popen[str]) -> str:
        """Wait for the end of a process; return its exit status and last lines of log in words."""
        status = process.wait()
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        last = "; ".join(line.strip() for line in lines[-_LAST_LINES:] if line.strip())
        return f"its worker process ended with status {status}" + (f": {last}" if last else "")
