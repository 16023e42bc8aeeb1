"""`python -m kpi_lib.cli`: the command `kpi` without its script."""

from kpi_lib.cli import script

script()
