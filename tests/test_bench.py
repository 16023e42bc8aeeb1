"""The benchmark stays honest: its peers run, and agree, on a small company."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench" / "kpi.py"


@pytest.mark.slow
def test_our_engine_sql_by_hand_and_pandas_give_the_same_figures():
    command = [sys.executable, str(BENCH), "--orders", "20000"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "their figures agree to 1e-9" in done.stdout
