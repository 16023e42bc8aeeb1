"""A kernel that is confined before the first line of a notebook runs.

``python -m kpi_lib.batch.confined -f CONNECTION_FILE`` takes the place of ipykernel's own launcher.
What it may touch comes in the environment, from the batch, and so do the files that it inherits.
"""

from __future__ import annotations

import os
import sys

from kpi_lib.batch import landlock, namespaces, seccomp
from kpi_lib.batch.audit_hook import Guard, NoEngines
from kpi_lib.batch.confinement import VARIABLE, Confinement
from kpi_lib.batch.inherited import INHERITED, Inherited
from kpi_lib.batch.refusals import Line

_DEVICES = ("/dev/null",)


def confine(confinement: Confinement, line: Line | None = None) -> None:
    """Confine this process of one thread; there is no way back.

    `line`: where to say what it was refused. Without one the system's filter of calls, whose
    refusals somebody must answer, is left out.
    """
    read, listed = confinement.read, confinement.listed
    write = (*confinement.write, *_DEVICES)
    if confinement.room:
        namespaces.enter(read, write)
    if landlock.version():
        landlock.restrict(read, write, listed)
    sys.meta_path.insert(0, NoEngines(line))
    sys.addaudithook(Guard(read, write, listed, line))
    if line is not None and seccomp.available():
        listener = seccomp.restrict(line.descriptor)
        if listener >= 0:
            line.give(listener)


def main() -> None:
    """Confine this process, then be an ordinary IPython kernel."""
    confinement = Confinement.from_text(os.environ.pop(VARIABLE))
    inherited = Inherited.from_text(os.environ.pop(INHERITED, ""))
    line = Line(inherited.line) if inherited.line else None
    # Nor would an import look where it may not: this package is imported, and knows its place.
    sys.path[:] = [place for place in sys.path if place and confinement.may_list(place)]
    confine(confinement, line)
    from kpi_lib.batch.kernel import launch

    launch(inherited.sockets, line)


if __name__ == "__main__":
    main()
