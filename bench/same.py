"""Show that a version of the code makes what another one makes: pages, tables and e-mails.

    python bench/same.py as REVISION           the code as it stands, beside that of a revision
    python bench/same.py make FOLDER           what the code makes, or that of --code CHECKOUT
    python bench/same.py compare BEFORE AFTER  two such folders; but for --but '*/slices/*'

Three companies are made and asked for all that people get: the example, a synthetic one, and one
as awkward as the contract allows (same_companies.py). Files are held against each other byte for
byte, but for stamps (same_stamps.py) and the last bits of figures in tables. Ends with 1 where
something differs, and with 2 where one of the versions does not work.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from same_companies import COMPANIES
from same_compared import Compared, Difference, Made, Pair
from same_made import MadeError, Project, cpu_seconds, version_of
from same_stamps import Stamps

from tests import hostile_texts

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
RECORD = "made.json"
KEPT = HERE / "data" / "same"  # where `as` leaves what both versions made
SHOWN = 3  # differences of a file
CLOSE = 1e-9  # figures that lie no further from each other, as a fraction, are the same
SAME, DIFFERENT, BROKEN = 0, 1, 2
# What decides what is made: two makings under other recipes say nothing about the code.
RECIPE = (HERE / "same_companies.py", HERE / "same_made.py", Path(hostile_texts.__file__))
console = Console(soft_wrap=True, markup=False, highlight=False, emoji=False)


def make(folder: Path, code: Path) -> None:
    """Make everything with the code of a checkout, in a new folder."""
    if folder.exists():
        raise MadeError(f"{folder} is there already: name a new one, or remove it")
    began, cpu, made_from = time.monotonic(), cpu_seconds(), recipe()
    with version_of(code) as version:
        for name, ask in COMPANIES.items():
            (folder / name).mkdir(parents=True)
            ask(Project(folder / name, version))
        stamps = {folder.resolve(): "FOLDER", version.environment: "ENVIRONMENT", code: "CODE"}
    places = {str(place): word for place, word in stamps.items()}
    record = {"recipe": made_from, "places": places}
    (folder / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    took = f"{cpu_seconds() - cpu:.0f} CPU seconds, {time.monotonic() - began:.0f} s"
    console.print(f"{folder}: made with the code of {code} in {took}")


def recipe() -> str:
    """Return a hash of what decides what is made."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in RECIPE)).hexdigest()


def read(folder: Path) -> Made:
    """Return what was made in a folder; raise MadeError where it was not made to its end."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except OSError:
        raise MadeError(f"{folder}: nothing was made there to its end") from None
    if record["recipe"] != recipe():
        raise MadeError(f"{folder}: made from other companies than today's; make it again")
    return Made(folder, Stamps(record["places"]))


def show(compared: Compared) -> int:
    """Print what differs, and of which kinds how many files are the same; return the status."""
    for name, differences in compared.differ.items():
        console.print(name)
        for difference in differences[:SHOWN]:
            _show_one(difference)
        if len(differences) > SHOWN:
            console.print(f"    and {len(differences) - SHOWN:,} more")
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(compared.same.items()))
    console.print(f"the same: {compared.same.total():,} files ({kinds})")
    if compared.not_asked:
        console.print(f"left out, as you asked: {compared.not_asked:,} files")
    console.print(f"different: {len(compared.differ):,} files")
    return DIFFERENT if compared.differ or not compared.same else SAME


def _show_one(difference: Difference) -> None:
    console.print(f"    {difference.where}")
    for sign, text in (("-", difference.before), ("+", difference.after)):
        console.print(f"      {sign} {text}")


def make_both(revision: str, before: Path, after: Path) -> None:
    """Make everything with a revision's code, and with this checkout's."""
    shutil.rmtree(KEPT, ignore_errors=True)
    with tempfile.TemporaryDirectory() as name:
        checkout = Path(name).resolve()
        _unpack(revision, checkout)
        make(before, checkout)
    make(after, CHECKOUT)


def _unpack(revision: str, folder: Path) -> None:
    """Lay a revision's files into a folder; nothing of it stays in the repository."""
    command = ["git", "archive", "--format=tar", revision]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=False)
    if done.returncode:
        raise MadeError(done.stderr.decode().strip())
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    forms = asked.add_subparsers(dest="form", required=True)
    making = forms.add_parser("make")
    making.add_argument("folder", type=Path, help="a new one")
    making.add_argument("--code", type=Path, default=CHECKOUT, help="default: this checkout's")
    comparing = forms.add_parser("compare")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    both = forms.add_parser("as")
    both.add_argument("revision", help="of git: a commit, a branch, a tag")
    both.set_defaults(before=KEPT / "before", after=KEPT / "after")
    for form in (comparing, both):
        form.add_argument("--but", nargs="+", default=[], help="names of files that may differ")
        form.add_argument("--near", type=float, default=CLOSE, help="of figures, as a fraction")
    return asked.parse_args()


def main() -> int:
    """Do what is asked; return the status."""
    asked = arguments()
    try:
        if asked.form == "make":
            make(asked.folder, asked.code.resolve())
            return SAME
        if asked.form == "as":
            make_both(asked.revision, asked.before, asked.after)
        return show(Pair(read(asked.before), read(asked.after), asked.near).compare(asked.but))
    except MadeError as error:
        console.print(str(error))
        return BROKEN


if __name__ == "__main__":
    sys.exit(main())
