"""Where things are: the project, its folders, and what ships inside the package."""

from __future__ import annotations

from pathlib import Path

from kpi_lib.errors import CallError

SETTINGS = Path("params") / "project.yml"
RUN_PAGES = "_run"  # stands among partners' folders for the run itself; no partner_id begins so


def package() -> Path:
    """Return the folder of `kpi_lib`."""
    return Path(__file__).resolve().parent


def checkout() -> Path | None:
    """Return the checkout that the package stands in, None where it is installed."""
    folder = package().parent
    return folder if (folder / "pyproject.toml").is_file() else None


def project(start: Path | None = None) -> Path:
    """Return the project's folder: the nearest one from `start` upwards that has settings.

    JupyterLab starts in `notebooks/` and papermill wherever it was called, so the current folder
    itself means nothing. Without settings anywhere above, it is the checkout that the package
    stands in, and for an installed package `start` itself.
    """
    return _found(start) or checkout() or (start or Path.cwd()).resolve()


def require_project(command: str) -> None:
    """Raise CallError where the current folder belongs to no project."""
    if _found(None) is None:
        found = f"there is no {SETTINGS.as_posix()} in {Path.cwd()}, nor in a folder above it"
        todo = "Make a project: kpi new FOLDER, then cd FOLDER. Or go to where one is."
        raise CallError.at(command, found, todo)


def _found(start: Path | None) -> Path | None:
    begin = (start or Path.cwd()).resolve()
    return next((f for f in (begin, *begin.parents) if (f / SETTINGS).is_file()), None)


def params() -> Path:
    """Return the folder of what a company decides."""
    return project() / "params"


def starter_files() -> Path:
    """Return the folder of what a company's project begins with, as far as it is in the package."""
    return package() / "starter" / "files"


def shipped(name: str) -> Path:
    """Return a file or folder that ships with the library: a wheel holds it inside the package."""
    return (checkout() or starter_files()) / name


def notebooks() -> Path:
    """Return the folder of the notebooks: the project's own, or else those that ship."""
    own = project() / "notebooks"
    return own if own.is_dir() else shipped("notebooks")


def notebook(name: str) -> Path:
    """Return a notebook by its file name: the project's own, or else the one that ships."""
    own = notebooks() / name
    return own if own.is_file() else shipped("notebooks") / name


def reports() -> Path:
    """Return the folder that runs write to, unless they are given another."""
    return project() / "reports"


def slices(period: Path) -> Path:
    """Return where a run keeps the slices of its pages, below the folder of its period."""
    return period / ".run" / "slices"


def example_data() -> Path:
    """Return the folder of the example's tables, which ship inside the package."""
    return package() / "examples" / "online_retail"


def shown(path: Path) -> str:
    """Return a path as people know it: from its `params` folder on, or from where they stand."""
    if "params" in path.parts:
        last = len(path.parts) - 1 - path.parts[::-1].index("params")
        return Path(*path.parts[last:]).as_posix()
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        return path.relative_to(Path.cwd()).as_posix()
    return path.as_posix()
