"""The list of processes, looked at while something runs: who shows a secret there."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

KERNEL = "kpi_lib.batch.confined"


@contextmanager
def processes_watched(secrets: Sequence[str]) -> Iterator[dict[str, set[str]]]:
    """Look at all processes all the while, on Linux.

    `shown`: the command lines that hold a secret; `kernels`: those of reports' kernels that were
    seen; `given`: those of them that have a secret in their environment.
    """
    found: dict[str, set[str]] = {"shown": set(), "kernels": set(), "given": set()}
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.05):
            for process in Path("/proc").glob("[0-9]*"):
                _look_at(process, secrets, found)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()


def _look_at(process: Path, secrets: Sequence[str], found: dict[str, set[str]]) -> None:
    line = _read(process / "cmdline")
    if any(secret in line for secret in secrets):
        found["shown"].add(line)
    if KERNEL in line:
        found["kernels"].add(process.name)
        given = _read(process / "environ")
        found["given"].update(process.name for secret in secrets if secret in given)


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8", "replace")
    except OSError:  # it has ended meanwhile, or is somebody else's
        return ""
