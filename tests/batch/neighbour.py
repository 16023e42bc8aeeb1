"""A process that passes or hears words: ``python -m tests.batch.neighbour`` and its setup as JSON.

It confines itself as a report's kernel does. Warm, it has imported what a page needs and forked.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from kpi_lib.batch import confined
from kpi_lib.batch.confinement import Confinement
from kpi_lib.batch.refusals import Line
from tests.batch.ways import WAYS, Place


def main() -> None:
    setup = json.loads(sys.argv[1])
    if setup["warm"]:
        import ipykernel.kernelapp  # noqa: F401
        import matplotlib.pyplot  # noqa: F401

        child = os.fork()
        if child:
            os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    if setup["past_python"]:
        confined.Guard = lambda *_: lambda *_: None
    if setup["confinement"]:
        line = Line(setup["line"])
        confined.confine(Confinement.from_text(setup["confinement"]), line)
        line.started()
    place = Place(*(Path(setup[name]) for name in ("common", "scratch", "others")), setup["daemon"])
    say(os.getpid())
    for order in sys.stdin:
        obey(json.loads(order), place)


def say(what: object) -> None:
    """Answer with one line."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def obey(order: dict, place: Place) -> None:
    """Do one half of each way, and print what came of it, one a line."""
    place.notes |= order["notes"]
    for name in order["ways"]:
        half = getattr(WAYS[name], order["half"])
        try:
            came = half(place) if half else None
        except Exception as refused:  # whatever stops it, the next is tried
            came = f"{type(refused).__name__}: {refused}"
        say([name, came if isinstance(came, str) else None])
    say(place.notes)


if __name__ == "__main__":
    main()
