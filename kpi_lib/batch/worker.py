"""A worker process: reads jobs, one a line, makes each report, and answers with one line.

``python -m kpi_lib.batch.worker``. A plain process, so that it can also be started where a process
pool cannot, inside a Dask worker. What libraries print goes to the error stream; the answers have a
stream of their own.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TextIO


def serve(jobs: TextIO, answers: TextIO) -> None:
    """Make the report of each line of `jobs`, until there is none left."""
    from kpi_lib.batch.jobs import Job
    from kpi_lib.batch.report import make_report
    from kpi_lib.publish.exporter import ScorecardExporter

    exporter = ScorecardExporter()  # kept: its first page costs ten times the next
    for line in jobs:
        asked = json.loads(line)
        result = make_report(
            Job.from_text(asked["job"]), Path(asked["staging"]), exporter, asked["cell_seconds"]
        )
        answers.write(result.to_text() + "\n")
        answers.flush()


def main() -> None:
    """Keep the answers' stream to ourselves, then serve."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    serve(sys.stdin, answers)


if __name__ == "__main__":
    main()
