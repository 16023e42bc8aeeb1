"""The synthetic company: every table of the contract, at any size, the same bytes at every call."""

from kpi_lib.examples.synthetic.company import Size
from kpi_lib.examples.synthetic.stories import STORIES, Story, Turn
from kpi_lib.examples.synthetic.write import write_company

__all__ = ["STORIES", "Size", "Story", "Turn", "write_company"]
