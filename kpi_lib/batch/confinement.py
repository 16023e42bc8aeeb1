"""What a report's kernel may touch: its slice, Python itself, the fonts, and its scratch folder."""

from __future__ import annotations

import json
import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import kpi_lib
from kpi_lib import paths
from kpi_lib.batch import namespaces

VARIABLE = "KPI_CONFINEMENT"
PACKAGE = Path(kpi_lib.__file__).resolve().parent
# Data of every partner, inside the package: the example, and the addresses of a project's start.
SHIPPED = (PACKAGE / "examples", paths.starter_files())
# What the C library, fonts, time zones and random numbers need. Nothing of a company lies here.
SYSTEM = (
    "/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib",
    "/usr/share/fonts", "/usr/share/zoneinfo", "/usr/share/locale", "/etc/fonts", "/etc/localtime",
    "/etc/ld.so.cache", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/proc/cpuinfo",
    "/proc/stat", "/System/Library", "/Library/Fonts",
)  # fmt: skip
# Only these reach a kernel: a list of what may, since nobody knows every name that a secret has.
VARIABLES = frozenset(
    ("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_NUMERIC", "LC_TIME", "TZ",
     "VIRTUAL_ENV", "CONDA_PREFIX", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT",
     "SYSTEMDRIVE", "WINDIR", "PATHEXT", "COMSPEC", "NUMBER_OF_PROCESSORS")
)  # fmt: skip


@dataclass(frozen=True)
class Confinement:
    """The places that a kernel may read, and those it may write.

    `listed`: folders whose names alone it may read. A library is found by the names beside it.
    `room`: whether it enters a room of its own, which not every machine grants.
    """

    read: tuple[str, ...]
    write: tuple[str, ...]
    listed: tuple[str, ...] = ()
    room: bool = False

    def may_list(self, place: str) -> bool:
        """Return whether the names in a folder may be read."""
        folder = Path(place).resolve()
        below = any(folder.is_relative_to(root) for root in (*self.read, *self.write))
        return below or str(folder) in self.listed

    def to_text(self) -> str:
        """Return the confinement as text for the kernel's environment."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Confinement:
        """Return the confinement that a text describes."""
        content = json.loads(text)
        read, write, listed = (tuple(content[name]) for name in ("read", "write", "listed"))
        return cls(read, write, listed, room=content["room"])


def confinement_of(slice_folder: Path, scratch: Path, shut: Iterable[Path] = ()) -> Confinement:
    """Return what a kernel may touch that is given this slice.

    `shut` names places that stay shut even where they lie inside Python's own: the run's folder,
    and that of the data.
    """
    closed = tuple(sorted(str(Path(place).resolve()) for place in shut))
    own = [str(slice_folder.resolve())] if slice_folder.is_dir() else []
    read, listed = _python_places(closed)
    own_room = namespaces.granted()
    return Confinement((*read, *SYSTEM, *own), (str(scratch.resolve()),), listed, own_room)


def environment_of(confinement: Confinement, scratch: Path) -> dict[str, str]:
    """Return the whole environment of a report's kernel: one thread, fixed seeds, no secrets."""
    kept = {name: value for name, value in os.environ.items() if name.upper() in VARIABLES}
    threads = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
    folder = str(scratch)
    return kept | {
        **{f"{name}_NUM_THREADS": "1" for name in threads},
        "HOME": folder, "USERPROFILE": folder, "TMPDIR": folder, "TEMP": folder, "TMP": folder,
        "IPYTHONDIR": str(scratch / "ipython"),
        "MPLCONFIGDIR": str(scratch / "matplotlib"),
        "JUPYTER_RUNTIME_DIR": folder,
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
        VARIABLE: confinement.to_text(),
    }  # fmt: skip


@cache
def _python_places(shut: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the places of Python, its packages and this one, without what must stay shut.

    And the folders around what ships and is shut, to be listed: an installed package has it among
    all others. A folder around a company's own data or reports is not listed.
    """
    shipped = [str(place) for place in SHIPPED]
    roots: dict[str, None] = {}
    listed: dict[str, None] = {}
    for place in (*_own_places(), str(PACKAGE)):
        resolved = Path(place).resolve()
        if resolved.exists():
            roots |= dict.fromkeys(str(p) for p in _without(resolved, [*shipped, *shut]))
            if not any(closed.startswith(f"{resolved}{os.sep}") for closed in shut):
                listed |= dict.fromkeys(_folders_around(shipped, resolved))
    return tuple(roots), tuple(listed)


def _folders_around(places: Iterable[str], root: Path) -> Iterator[str]:
    """Yield the folders from `root` down to those that hold one of the places."""
    for place in map(Path, places):
        if place.is_relative_to(root):
            yield from (str(f) for f in place.parents if f.is_relative_to(root))


def _own_places() -> Iterator[str]:
    """Yield where the interpreter, the standard library and installed packages lie."""
    paths: Mapping[str, str] = sysconfig.get_paths()
    for name in ("stdlib", "platstdlib", "purelib", "platlib"):
        yield paths[name]
    yield from site.getsitepackages()
    for prefix in (sys.prefix, sys.base_prefix):
        for part in ("lib", "lib64", "DLLs", "Lib", "share/jupyter", "etc/jupyter", "etc/ipython",
                     "pyvenv.cfg", "bin/python3"):  # fmt: skip
            yield str(Path(prefix) / part)


def _without(place: Path, shut: Iterable[str]) -> Iterator[Path]:
    """Yield `place`, or the parts of it that hold nothing which must stay shut."""
    text = str(place)
    if any(text == s or text.startswith(s + os.sep) for s in shut):
        return
    inside = [s for s in shut if s.startswith(text + os.sep)]
    if not inside:
        yield place
    else:
        # Python looks for compiled modules whether or not there are any.
        for child in sorted({*place.iterdir(), place / "__pycache__"}):
            yield from _without(child, inside)
