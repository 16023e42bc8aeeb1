"""The library as a wheel, made again from where it is installed: a project carries it with itself.

So a project can be set up anywhere from its own files and an index, though no index has the
library.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from kpi_lib import paths
from kpi_lib.errors import Problem, RunError
from kpi_lib.release import DISTRIBUTION

OF_THE_INSTALLER = ("INSTALLER", "REQUESTED", "RECORD", "direct_url.json")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip knows: the same files are the same bytes


@dataclass(frozen=True)
class Wheel:
    """A wheel's file name and its bytes."""

    name: str
    content: bytes

    @property
    def requirement(self) -> str:
        """The line of a lock that installs it, and nothing else in its place."""
        return f"./wheels/{self.name} --hash=sha256:{hashlib.sha256(self.content).hexdigest()}\n"


def wheel_of_the_library() -> Wheel:
    """Return the wheel of the library that runs: built from its checkout, or packed as installed.

    Raises RunError where it can be neither.
    """
    checkout = paths.checkout()
    return _build_wheel(checkout) if checkout else _packed(metadata.distribution(DISTRIBUTION))


def _build_wheel(checkout: Path) -> Wheel:
    """Return the wheel that a checkout builds; raise RunError where it cannot."""
    with tempfile.TemporaryDirectory(prefix="kpi-") as place:
        build = ["-m", "hatchling", "build", "--target", "wheel", "--directory", place]
        command = [sys.executable, *build]
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
        made = sorted(Path(place).glob("*.whl"))
        if done.returncode or not made:
            why = (done.stderr.strip() or "no word").splitlines()[-1]
            todo = "Set the library up as its lock says: make setup"
            raise RunError(Problem("wheel of the library", f"cannot be built ({why})", todo))
        return Wheel(made[0].name, made[0].read_bytes())


def _packed(installed: metadata.Distribution) -> Wheel:
    """Return the wheel that an installed library came from, but for what its installer added."""
    files = dict(sorted(_files_of(installed)))
    folder = next(name.partition("/")[0] for name in files if ".dist-info/" in name)
    name = f"{folder.removesuffix('.dist-info')}-py3-none-any.whl"
    return Wheel(name, _zipped(files | {f"{folder}/RECORD": _record_content(files, folder)}))


def _files_of(installed: metadata.Distribution) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the package and of its metadata, by their path in a wheel."""
    for file in installed.files or ():
        is_ours = file.parts[0] == "kpi_lib" or file.parts[0].endswith(".dist-info")
        if is_ours and "__pycache__" not in file.parts and file.name not in OF_THE_INSTALLER:
            yield file.as_posix(), Path(str(file.locate())).read_bytes()


def _record_content(files: Mapping[str, bytes], folder: str) -> bytes:
    """Return the wheel's RECORD: a line per file, with its hash and size."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        writer.writerow((name, f"sha256={digest}", len(content)))
    writer.writerow((f"{folder}/RECORD", "", ""))
    return text.getvalue().encode()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip that is the same each time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()
