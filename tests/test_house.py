"""The house: what holds for every file of the project, whoever writes it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import kpi_lib

PROJECT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
STARTER = PROJECT / "kpi_lib" / "starter" / "files"  # what a company's project begins with
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-spark.lock")
LONGEST_MODULE, LONGEST_FUNCTION = 400, 25
# What is still longer, each to be cut; none is added.
STILL_LONG = {
    "kpi_lib/batch/audit_hook.py: __init__",
    "kpi_lib/batch/kernels.py: manager_of",
    "kpi_lib/btyd/gamma_gamma.py: _curve",
    "kpi_lib/cli/report_commands.py: _print_outcome",
    "kpi_lib/cli/report_commands.py: preview",
    "kpi_lib/cli/target_commands.py: suggest",
    "kpi_lib/insights/portfolio_contents.py: slice",
    "kpi_lib/kpis/registry.py: kpi",
    "kpi_lib/measure/kpi_table.py: rows_of",
    "kpi_lib/measure/owners.py: by_owner",
    "kpi_lib/publish/exporter.py: from_notebook_node",
    "kpi_lib/show/common/advice.py: stake_reckoning",
    "kpi_lib/show/portfolio/portfolio_lead.py: concentration",
    "kpi_lib/show/portfolio/portfolio_sections.py: actions",
}
SOURCES = ("kpi_lib", "tests", "notebooks", "bench")

# A path of somebody's machine, and a place that packages come from.
MACHINE = re.compile(r"(?<![\w.~/])/(?:home|Users|root|work|mnt|srv|opt)/[\w.-]+")
# Put together here, so that this file names none either.
_OF_INDEXES = ("pypi", "pythonhosted", "anaconda")
INDEX = re.compile(
    rf"(?:{'|'.join(_OF_INDEXES)})\.(?:org|com)|--(?:extra-)?index-[u]rl|--find-[l]inks"
)


def files_of_the_project() -> list[Path]:
    """Return the files that git holds or would hold, so neither .venv nor what a run leaves."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    paths = (PROJECT / line for line in listed.stdout.splitlines())
    return [path for path in paths if path.is_file()]


def texts() -> dict[str, str]:
    """Return the text files of the project, by their path in it."""
    binary = {".parquet", ".png", ".jpg", ".ico", ".duckdb", ".sqlite"}
    return {
        path.relative_to(PROJECT).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in files_of_the_project()
        if path.suffix not in binary
    }


def pages() -> dict[str, str]:
    """Return the pages of the project; those that a company gets are tested as it gets them."""
    of_companies = STARTER.relative_to(PROJECT).as_posix()
    markdown = {path: text for path, text in texts().items() if path.endswith(".md")}
    return {path: text for path, text in markdown.items() if not path.startswith(of_companies)}


def configuration() -> dict:
    return tomllib.loads((PROJECT / "pyproject.toml").read_text())


def hooks() -> dict[str, str]:
    """Return the command of each pre-commit hook by its id."""
    file = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())
    return {hook["id"]: hook["entry"] for repo in file["repos"] for hook in repo["hooks"]}


def makefile_targets(folder: Path) -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (folder / "Makefile").read_text(), re.MULTILINE))


def notebooks() -> list[str]:
    return [path.as_posix() for path in files_of_the_project() if path.suffix == ".ipynb"]


# --- dependencies ---------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [PROJECT, STARTER], ids=["ours", "a company's"])
def test_the_conda_environment_is_python_pip_and_the_lock(folder):
    environment = yaml.safe_load((folder / "environment.yml").read_text())
    project = configuration()["project"]
    assert environment["name"] == (project["name"] if folder == PROJECT else "PROJECT_NAME")
    python = f"python{project['requires-python']}"
    assert environment["dependencies"] == [python, "pip", {"pip": ["-r requirements.lock"]}]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_and_has_a_hash_for_each_package(lock):
    text = (PROJECT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(--index|--extra|-i |-f |--find)", text, re.MULTILINE)
    packages = re.split(r"\n(?=\S)", text.strip())
    assert [package for package in packages if "--hash=sha256:" not in package] == []


def pins(lock: str) -> dict[str, set[str]]:
    """Return the versions that a lock allows of each package; markers may give it several."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)", (PROJECT / lock).read_text(), re.MULTILINE
    ):
        found.setdefault(normal(name), set()).add(version)
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[str]) -> set[str]:
    return {normal(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements}


def test_every_requirement_is_in_its_lock():
    house = configuration()
    extras = house["project"]["optional-dependencies"]
    build = house["build-system"]["requires"] + house["dependency-groups"]["build"]
    run = names(house["project"]["dependencies"] + extras["test"] + build)
    develop = names(house["dependency-groups"]["dev"])
    spark = names(extras["spark"])
    needed = (run, run | develop, run | develop | spark)
    missing = {lock: want - set(pins(lock)) for lock, want in zip(LOCKS, needed, strict=True)}
    assert missing == {lock: set() for lock in LOCKS}


def test_the_locks_agree_on_every_version():
    smaller, larger, largest = (pins(lock) for lock in LOCKS)
    assert {name: larger.get(name) for name in smaller} == smaller
    assert {name: largest.get(name) for name in larger} == larger


# --- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("forbidden", [MACHINE, INDEX], ids=["machine's path", "package index"])
def test_no_file_names_a_path_of_a_machine_or_a_package_index(forbidden):
    found = {
        f"{path}: {match[0]}"
        for path, text in texts().items()
        for match in forbidden.finditer(text)
    }
    assert found == set()


def test_a_package_index_would_be_found_by_its_host_and_by_the_option_that_names_it():
    hosts = [f"https://files.{name}.org/simple" for name in _OF_INDEXES]
    options = ["--" + "-".join(parts) for parts in (("index", "url"), ("extra", "index", "url"))]
    assert all(INDEX.search(text) for text in [*hosts, *options, "--find-" + "links"])


def test_no_module_is_longer_than_a_person_reads_in_one_sitting():
    lengths = {
        path: text.count("\n")
        for path, text in texts().items()
        if path.startswith(SOURCES) and path.endswith(".py")
    }
    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def long_functions(file: Path) -> Iterator[str]:
    """Yield the functions of a module whose body, but for its docstring, has too many lines."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            code = node.body[1:] if ast.get_docstring(node) is not None else node.body
            lines = node.end_lineno - code[0].lineno + 1 if code else 0
            if lines > LONGEST_FUNCTION:
                yield node.name


def test_no_function_has_more_lines_than_fit_a_screen():
    found = {
        f"{file.relative_to(PROJECT).as_posix()}: {name}"
        for file in (PROJECT / "kpi_lib").rglob("*.py")
        for name in long_functions(file)
    }
    assert sorted(found - STILL_LONG) == []


def test_no_module_has_the_name_of_another():
    files = (PROJECT / "kpi_lib").rglob("*.py")
    names = Counter(file.name for file in files if not file.name.startswith("__"))
    assert [name for name, count in names.items() if count > 1] == []


def test_the_changelog_begins_with_the_numbers_that_changed():
    text = (PROJECT / "CHANGELOG.md").read_text()
    release = re.split(r"^## ", text, flags=re.MULTILINE)[1]
    assert re.findall(r"^### (.+)", release, re.MULTILINE)[0] == "Numbers that changed"


def test_every_make_target_that_a_page_names_exists():
    named = {
        (path, target)
        for path, text in pages().items()
        for target in re.findall(r"`(?:\S+ )?make ([a-z][a-z-]*)|^make ([a-z][a-z-]*)", text, re.M)
        for target in target
        if target
    }
    ours = makefile_targets(PROJECT)
    theirs = {"docs/project.md": makefile_targets(STARTER)}  # it is about those
    known = {path: ours | theirs.get(path, set()) for path, _ in named}
    assert {(path, target) for path, target in named if target not in known[path]} == set()


def test_every_link_between_pages_leads_to_a_file():
    broken = {
        f"{path}: {target}"
        for path, text in pages().items()
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
        if "://" not in target and not (PROJECT / path).parent.joinpath(target).exists()
    }
    assert broken == set()


# What somebody who follows a page makes, and what runs leave.
NOT_YET = {"notebooks/price_waves.ipynb", "kpi_lib/show/languages/fr.po"}
LEFT_BY_RUNS = ("bench/data", "kpi_lib/starter/files", "tests/browser/package")
FILE = re.compile(
    r"(?<![\w./*<{-])((?:kpi_lib|tests|bench|docs|notebooks)/[\w./-]*\w/?|[\w/]*\w\.py)(?![\w*<{])"
)


def prose(path: str, text: str) -> str:
    """Return what a file says to people: of a module its docstrings and comments."""
    if not path.endswith(".py"):
        return text
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = [
        ast.get_docstring(node) or ""
        for node in ast.walk(ast.parse(text))
        if isinstance(node, kinds)
    ]
    return "\n".join([*docstrings, *re.findall(r"(?:^|\s)#.*", text)])


def test_every_file_of_ours_that_pages_docstrings_and_comments_name_exists():
    files = [path.relative_to(PROJECT).as_posix() for path in files_of_the_project()]
    folders = {parent.as_posix() for file in files for parent in Path(file).parents}
    ends = {"/".join(place.split("/")[-k:]) for place in {*files, *folders} for k in range(1, 9)}
    named = {
        f"{path}: {name}"
        for path, text in texts().items()
        if path.endswith((".py", ".md")) or path == "Makefile"
        for name in FILE.findall(prose(path, text))
        if name.rstrip("/") not in ends | NOT_YET and not name.startswith(LEFT_BY_RUNS)
    }
    assert named == set()


def makefile(folder: Path) -> str:
    return (folder / "Makefile").read_text().replace("\\\n", " ")


def recipes(folder: Path) -> dict[str, str]:
    """Return the recipe of each target of a Makefile."""
    found = re.findall(
        r"^(\S[^\n]*?):(?!=)[^\n]*\n((?:\t[^\n]*\n)+)", makefile(folder), re.MULTILINE
    )
    return dict(found)


@pytest.mark.parametrize("folder", [PROJECT, STARTER], ids=["ours", "a company's"])
def test_recipes_are_one_command_and_help_says_what_each_target_is_for(folder):
    text = makefile(folder)
    assert {name for name, lines in recipes(folder).items() if lines.count("\n") > 1} == set()
    phony = set(re.findall(r"^\.PHONY: (\S+)$", text, re.MULTILINE))
    documented = set(re.findall(r"^([a-z-]+):[^\n]*## ", text, re.MULTILINE))
    assert phony == documented == makefile_targets(folder)


def test_what_a_companys_makefile_has_in_common_with_ours_is_the_same():
    ours, theirs = recipes(PROJECT), recipes(STARTER)
    own = {"lab", "test", "clean", ".venv/run.stamp"}  # what differs, and has to
    common = (ours.keys() & theirs.keys()) - own
    assert common >= {"demo", "reports", "outbox", "approve", "send", "check-data", "help"}
    assert {name for name in common if ours[name] != theirs[name]} == set()
    included = {
        re.search(r"^include (.+)$", makefile(f), re.MULTILINE)[1] for f in (PROJECT, STARTER)
    }
    assert included == {"setup.mk", "kpi_lib/starter/files/setup.mk"}


# --- tools ----------------------------------------------------------------------------------------


def run(*command: str) -> None:
    """Run a tool of the environment in the project; what it says is the failure."""
    tool = [str(BIN / command[0]), *command[1:]]
    done = subprocess.run(tool, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"


def test_ruff_has_nothing_to_format():
    run("ruff", "format", "--check", "--quiet", ".")


def test_ruff_has_nothing_to_say():
    run("ruff", "check", "--quiet", ".")


def test_mypy_has_nothing_to_say():
    run("mypy", "--no-error-summary")


def test_no_module_imports_from_a_floor_above_and_each_has_a_floor():
    run("lint-imports", "--no-cache")


def test_codespell_knows_every_word():
    spelled = [path for path in texts() if not path.endswith((".lock", ".csv"))]
    run("codespell", *spelled)


def test_notebooks_are_kept_without_outputs():
    strip = hooks()["nbstripout"].removeprefix(".venv/bin/").split()
    if notebooks():
        run(*strip, "--verify", *notebooks())


def test_make_fix_strips_notebooks_as_the_hook_does():
    strip = hooks()["nbstripout"].removeprefix(".venv/bin/")
    assert f"STRIP := {strip}\n" in (PROJECT / "Makefile").read_text()


def test_every_tool_of_the_hooks_comes_with_the_lock_to_develop():
    tools = {entry.split()[0] for entry in hooks().values()}
    assert {tool for tool in tools if not (BIN / Path(tool).name).exists()} == set()


def test_the_allocator_is_told_to_give_memory_back_before_polars_is_loaded():
    program = "import os, kpi_lib, polars; print(os.environ['_RJEM_MALLOC_CONF'])"
    bare = {k: v for k, v in os.environ.items() if k != "_RJEM_MALLOC_CONF"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=bare
    )
    assert done.stdout.strip().endswith(kpi_lib.GIVE_BACK), "of two, the last word counts"
