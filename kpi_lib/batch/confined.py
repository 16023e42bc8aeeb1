"""A kernel that is confined before the first line of a notebook runs.

``python -m kpi_lib.batch.confined -f CONNECTION_FILE`` takes the place of ipykernel's own launcher.
What it may touch comes in the environment, from the batch.
"""

from __future__ import annotations

import os
import sys

from kpi_lib.batch import landlock
from kpi_lib.batch.audit import Guard, NoEngines
from kpi_lib.batch.confinement import VARIABLE, Confinement


def confine(confinement: Confinement, own: tuple[str, ...] = ()) -> None:
    """Confine this process; what it starts is confined too. There is no way back."""
    if landlock.version():
        landlock.restrict(confinement.read, (*confinement.write, *own), confinement.listed)
    sys.meta_path.insert(0, NoEngines())
    sys.addaudithook(Guard(confinement.read, (*confinement.write, *own), confinement.listed))


def main() -> None:
    """Confine this process, then be an ordinary IPython kernel."""
    confinement = Confinement.from_text(os.environ.pop(VARIABLE))
    # An interpreter that was started in a project's folder would import from there.
    sys.path[:] = [place for place in sys.path if place]
    confine(confinement, own=("/dev/null",))
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()


if __name__ == "__main__":
    main()
