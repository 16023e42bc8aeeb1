"""The leak check stops what is planted and nothing else, measured as `make bench-leaks` does it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench" / "leaks.py"


@pytest.mark.slow
def test_planted_leaks_are_stopped_without_a_false_alarm():
    command = [sys.executable, str(BENCH), "--partners", "24", "--pairs", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    printed = done.stdout
    assert done.returncode == 0, printed + done.stderr
    shares = [float(share) for share in re.findall(r"stopped, ([\d.]+)%", printed)]
    assert len(shares) == 2 and min(shares) >= 95
    assert "false alarms: 0 in" in printed
