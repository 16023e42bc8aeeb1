"""Makes the bytecode and the font list once, before many kernels that may write neither.

Some installers leave the bytecode to the first import. A confined kernel cannot store it, so
without this each of them would compile a thousand modules anew.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

# What a report's kernel imports, and one module of each big package to tell whether that was done.
_IMPORTED = (
    "import ipykernel.kernelapp, ipykernel.ipkernel, kpi_lib.pages.scorecard, "
    "kpi_lib.pages.data_quality, kpi_lib.pages.portfolio, kpi_lib.pages.model_report, "
    "matplotlib.font_manager"
)
_TELLING = {
    "pandas": "core/frame.py",
    "great_tables": "gt.py",
    "seaborn": "relational.py",
    "matplotlib": "axes/_axes.py",
    "ipykernel": "kernelapp.py",
    "kpi_lib": "pages/portfolio.py",
}


def prepare() -> bool:
    """Import once, unconfined, what every report imports; return whether there was a need to."""
    if all(_is_compiled(package, module) for package, module in _TELLING.items()):
        return False
    # Where it cannot be stored, in a folder that is not ours, the kernels are only slower.
    subprocess.run([sys.executable, "-c", _IMPORTED], check=False, stderr=subprocess.DEVNULL)
    return True


def _is_compiled(package: str, module: str) -> bool:
    """Say whether a module's bytecode is there, or there is nothing to compile."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return True
    source = Path(spec.origin).parent / module
    return Path(importlib.util.cache_from_source(str(source))).exists() or not source.exists()
