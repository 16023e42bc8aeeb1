"""Where things are: the project, its folders, and what ships inside the package."""

from __future__ import annotations

from pathlib import Path

SETTINGS = Path("params") / "project.yml"
RUN_PAGES = "_run"  # stands among partners' folders for the run itself; no partner_id begins so


def package() -> Path:
    """Return the folder of `kpi_lib`."""
    return Path(__file__).resolve().parent


def project(start: Path | None = None) -> Path:
    """Return the project's folder: the nearest one from `start` upwards that has settings.

    JupyterLab starts in `notebooks/` and papermill wherever it was called, so the current folder
    itself means nothing. Without settings anywhere above, it is the checkout that the package
    stands in, and for an installed package `start` itself.
    """
    begin = (start or Path.cwd()).resolve()
    for folder in (begin, *begin.parents):
        if (folder / SETTINGS).is_file():
            return folder
    checkout = package().parent
    return checkout if (checkout / "pyproject.toml").is_file() else begin


def params() -> Path:
    """Return the folder of what a company decides."""
    return project() / "params"


def notebooks() -> Path:
    """Return the folder of the notebooks: the project's own, or else those of the checkout."""
    own = project() / "notebooks"
    return own if own.is_dir() else package().parent / "notebooks"


def notebook(name: str) -> Path:
    """Return a notebook by its file name: the project's own, or else that of the checkout."""
    own = notebooks() / name
    return own if own.is_file() else package().parent / "notebooks" / name


def reports() -> Path:
    """Return the folder that runs write to, unless they are told another."""
    return project() / "reports"


def slices(period: Path) -> Path:
    """Return where a run keeps the slices of its pages, below the folder of its period."""
    return period / ".run" / "slices"


def example_data() -> Path:
    """Return the folder of the example's tables, which ship inside the package."""
    return package() / "data" / "examples" / "online_retail"


def shown(path: Path) -> str:
    """Return a path as people know it: from its `params` folder on, or from where they stand."""
    if "params" in path.parts:
        last = len(path.parts) - 1 - path.parts[::-1].index("params")
        return Path(*path.parts[last:]).as_posix()
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        return path.relative_to(Path.cwd()).as_posix()
    return path.as_posix()
