"""Setting up from nothing: each Python that there is, its own pip, no uv and no cache of pip's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import yaml

from kpi_lib.release import version

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[1]
PYTHONS = ("3.11", "3.12", "3.13")
ASK = "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"
PARTNERS = 40  # of the example
WHEELS_ALONE = ":all:"  # were a package built here, it would need a compiler elsewhere
OF_OTHERS = ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")


def surroundings() -> dict[str, str]:
    """The environment without uv, without what pip kept, and without what was set up before."""
    kept = {name: value for name, value in os.environ.items() if name not in OF_OTHERS}
    places = kept["PATH"].split(os.pathsep)
    plain = [place for place in places if not (Path(place) / "uv").exists()]
    pip = {"PIP_NO_CACHE_DIR": "1", "PIP_FIND_LINKS": "", "PIP_ONLY_BINARY": WHEELS_ALONE}
    return kept | {"PATH": os.pathsep.join(plain)} | pip


def run(folder: Path, *command: str | Path, **environment: str) -> str:
    """Run a command in a folder and return what it printed; what it says is the failure."""
    words = [str(word) for word in command]
    env = surroundings() | environment
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if not line.startswith("WARNING: Location")]
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n" + "\n".join(said)
    return done.stdout


def python_of(wanted: str) -> str:
    """Return an interpreter of that version, with a pip that it ships."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for name in (f"python{wanted}", *sorted(pyenv.glob(f"versions/{wanted}.*/bin/python"))):
        place = shutil.which(name)
        asked = (
            subprocess.run([place, "-c", ASK], capture_output=True, text=True) if place else None
        )
        if place and asked and asked.stdout.strip() == wanted:
            return place
    pytest.skip(f"there is no Python {wanted} on this machine")


@pytest.fixture
def checkout(tmp_path) -> Path:
    """The project's files, as a fresh clone has them."""
    listed = run(PROJECT, "git", "ls-files", "--cached", "--others", "--exclude-standard")
    for name in listed.splitlines():
        if (PROJECT / name).is_file():
            (tmp_path / "fresh" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, tmp_path / "fresh" / name)
    return tmp_path / "fresh"


@pytest.mark.parametrize("wanted", PYTHONS)
def test_a_fresh_checkout_is_set_up_by_each_python_with_the_pip_that_it_ships(checkout, wanted):
    """Which installs what the lock says, a later pip among it."""
    python = python_of(wanted)
    make = ("make", "UV=", f"PYTHON={python}")
    run(checkout, *make, ".venv/dev.stamp")  # after that of a run
    run(checkout, *make, ".venv/spark.stamp", PIP_ONLY_BINARY="")  # PySpark has no wheel
    (locked,) = re.findall(r"(?m)^pip==(\S+)", (checkout / "requirements.lock").read_text())
    assert run(checkout, ".venv/bin/pip", "--version").startswith(f"pip {locked} ")
    assert run(checkout, ".venv/bin/kpi", "--version") == f"kpi {version()}\n"
    run(checkout, ".venv/bin/kpi", "compute", "--out", "kpis.parquet")
    table = pl.read_parquet(checkout / "kpis.parquet").filter(pl.col("scope") == "partner")
    assert table["entity"].n_unique() == PARTNERS


def test_conda_installs_what_environment_yml_says_with_pip_alone(checkout):
    environment = yaml.safe_load((checkout / "environment.yml").read_text())
    lines = environment["dependencies"][-1]["pip"]
    (checkout / "condaenv.requirements.txt").write_text("\n".join(lines) + "\n")
    python = python_of(PYTHONS[0])
    run(checkout, python, "-m", "venv", "env")
    pip = ("env/bin/python", "-m", "pip", "install", "--quiet")
    run(checkout, *pip, "-U", "-r", "condaenv.requirements.txt", "--exists-action=b")
    (after,) = re.findall(r"(?m)^#   pip install (.*)$", (checkout / "environment.yml").read_text())
    run(checkout, *pip, *after.split())
    assert "No broken requirements" in run(checkout, "env/bin/python", "-m", "pip", "check")
    assert run(checkout, "env/bin/kpi", "--version") == f"kpi {version()}\n"


def test_a_companys_own_project_sets_itself_up_makes_reports_and_is_upgraded(tmp_path):
    python = python_of(PYTHONS[0])
    run(tmp_path, Path(sys.executable).parent / "kpi", "new", "acme")
    acme = tmp_path / "acme"
    run(acme, "make", "UV=", f"PYTHON={python}", "reports", "PARTNERS=Germany", "JOBS=2")
    made = acme / "reports" / "2011-Q3" / "partners" / "Germany"
    assert {file.name for file in made.iterdir()} >= {"scorecard.html", "internal.html"}
    assert "passed" in run(acme, "make", "UV=", "test")
    where = run(acme, ".venv/bin/python", "-c", "import kpi_lib; print(kpi_lib.__file__)")
    assert Path(where.strip()).is_relative_to(acme / ".venv"), "the library is the project's own"
    (wheel,) = (acme / "wheels").iterdir()
    said = run(acme, "make", "UV=", "upgrade", f"WHEEL=wheels/{wheel.name}")
    assert f"from {version()} to {version()}" in said
    # An installed library lays out the same as its checkout does.
    run(tmp_path, acme / ".venv" / "bin" / "kpi", "new", "other")
    theirs = {f.relative_to(tmp_path / "other") for f in (tmp_path / "other").rglob("*.*")}
    ours = {file.relative_to(acme) for file in acme.rglob("*.*") if ".venv" not in file.parts}
    assert {file for file in theirs - ours if "tests" not in file.parts} == set()
