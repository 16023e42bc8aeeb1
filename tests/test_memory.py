"""What is freed is given back."""

from __future__ import annotations

import subprocess
import sys

import pytest

FREED = """
import kpi_lib, time
import polars as pl

def resident():
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * 4096 / 1e6

def work():
    frame = pl.DataFrame({"a": range(6_000_000)}).with_columns(b=pl.col("a") * 2, c=pl.col("a") * 3)
    return frame.group_by(pl.col("a") % 1000).agg(pl.col("b", "c").sum()).height

before = resident()
work()
time.sleep(1.5)
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it reads what Linux says of the process")
def test_memory_that_is_freed_goes_back_within_a_second_or_two():
    told = subprocess.run([sys.executable, "-c", FREED], capture_output=True, text=True, check=True)
    assert float(told.stdout) < 120
