"""Calls one version of the code as people call it, and keeps all that it says and leaves.

The code is called by its command alone, in a process of its own: what its modules are called is
nobody's business here.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = "kpi_lib"
SAID = "said"  # the folder of what commands printed
KEPT = ("PATH", "HOME", "TMPDIR")  # of the caller's variables; no other is handed on
FIXED = {
    **{"TZ": "UTC", "LANG": "C.UTF-8", "NO_COLOR": "1"},
    "COLUMNS": "200",  # so that no table of a command is folded, whatever folder it names
    # Several threads add up in the order in which they end: sums would differ more often.
    **dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
}
BESIDE = Path(__file__).resolve().parent / "data"  # where environments stand, for as long as needed


class MadeError(Exception):
    """A command did not end as it does in a version that works."""


@dataclass(frozen=True)
class Version:
    """A version of the code: its checkout, and an environment of its own that has it installed."""

    code: Path
    environment: Path

    @property
    def python(self) -> Path:
        """The interpreter of the environment."""
        return self.environment / Path(sys.executable).relative_to(sys.prefix)

    def call(self, *words: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
        """Run the interpreter in a folder, with the same variables whoever calls."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        command = [str(self.python), *words]
        return subprocess.run(
            command, cwd=folder, env=kept | FIXED, capture_output=True, check=False
        )


@contextmanager
def version_of(code: Path) -> Iterator[Version]:
    """Lend a checkout's code an environment: this one's libraries, and that code in their midst.

    A variable that names the code would not do: the kernels of the reports are given none.
    """
    BESIDE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BESIDE, prefix="environment-") as name:
        version = Version(code, Path(name) / "env")
        shutil.copytree(
            sys.prefix, version.environment, symlinks=True, copy_function=_link, ignore=_installed
        )
        packages = Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
        place = version.environment / packages / "code-to-compare.pth"
        place.write_text(f"{code}\n", encoding="utf-8")
        _require_code(version)
        yield version


def _link(source: str, target: str) -> str:
    """Give a file a second name, or copy it where the disk is another."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _installed(folder: str, names: list[str]) -> set[str]:
    """Return what is not taken over: our own package, and what says where it lies."""
    places = {name for name in names if name.endswith(".pth") and _leads_to_us(Path(folder, name))}
    return places | {PACKAGE} & set(names)


def _leads_to_us(place: Path) -> bool:
    lines = place.read_text(encoding="utf-8").splitlines()
    return any((Path(line) / PACKAGE).is_dir() for line in lines if line.strip())


def _require_code(version: Version) -> None:
    """Raise MadeError where another code would answer: one would be held against itself."""
    ask = ("-c", f"import {PACKAGE}; print({PACKAGE}.__path__[0])")
    done = version.call(*ask, folder=version.environment)
    answers = done.stdout.decode().strip()
    if not answers or Path(answers).resolve() != (version.code / PACKAGE).resolve():
        answer = answers or done.stderr.decode().strip()
        raise MadeError(f"{version.code} was asked for, and this answers: {answer}")


def cpu_seconds() -> float:
    """Return the CPU seconds of all commands so far, and of all processes that they started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass
class Project:
    """A company's project: the folder that commands are called in, and the code that answers."""

    folder: Path
    version: Version
    called: int = field(default=0, init=False)

    @property
    def data(self) -> Path:
        """The folder of the company's tables, where the project has its own."""
        return self.folder / "data"

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def kpi(self, *words: str, status: int = 0) -> None:
        """Call the command and keep what it printed; raise MadeError where it ends otherwise."""
        began, cpu = time.monotonic(), cpu_seconds()
        done = self.version.call("-m", f"{PACKAGE}.cli", *words, folder=self.folder)
        self.called += 1
        name, typed = f"{SAID}/{self.called:02d}-{words[0]}.txt", " ".join(words)
        out, err = (text.decode("utf-8") for text in (done.stdout, done.stderr))
        self.write(name, f"kpi {typed}\nstatus {done.returncode}\n\n{out}\n--- errors\n{err}")
        took = f"{cpu_seconds() - cpu:.1f} CPU s, {time.monotonic() - began:.0f} s"
        sys.stderr.write(f"{self.folder.name}: kpi {typed}: {took}\n")
        if done.returncode != status:
            place = self.folder / name
            raise MadeError(f"kpi {typed}: status {done.returncode} instead of {status}: {place}")

    def explain(self, kpi: str, partner: str, *more: str) -> None:
        """Let a figure of a partner be explained, and keep all the rows behind it."""
        (self.folder / "rows").mkdir(exist_ok=True)
        self.kpi("explain", kpi, "--partner", partner, "--rows", f"rows/{kpi}.parquet", *more)
