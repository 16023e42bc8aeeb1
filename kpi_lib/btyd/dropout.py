"""What BG/NBD and MBG/CNBD-k share: regular purchases, and dropout after any of them.

While alive a customer buys at times whose gaps are Erlang-k with rate l, l ~ Gamma(r, alpha); after
each purchase it leaves with probability p, p ~ Beta(a, b). With k = 1 the gaps are exponential. In
MBG/NBD dropout may follow the very first purchase too (Batislam, Denizel and Filiztekin 2007); in
BG/NBD it may not (Fader, Hardie and Lee 2005), so that who bought once is certainly alive.

A customer's likelihood is a sum of cases: it left after its last purchase, or it is alive and j of
the k parts of its next gap have passed, j = 0 to k-1 (Platzer and Reutterer 2016, eq. 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.special import digamma

from kpi_lib.btyd.maximise import Curve
from kpi_lib.btyd.mixture import BLOCK, Cases, added, by_logs, log_sum, mixture_curve
from kpi_lib.btyd.summaries import Rows

NAMES = ("r", "alpha", "a", "b")


@dataclass(frozen=True)
class DropoutProcess:
    """How regularly customers buy (`k`), and whether dropout may follow the first purchase too."""

    k: int = 1
    after_first: bool = False

    def survived(self, frequency: np.ndarray) -> np.ndarray:
        """Return after how many purchases a customer has not dropped out, if it is alive."""
        return frequency + float(self.after_first)


def log_cases(process: DropoutProcess, parameters: np.ndarray, rows: Rows) -> np.ndarray:
    """Return the logarithm of each case without what all share, cases x rows; left is first."""
    r, alpha, a, b = parameters
    events = r + process.k * rows.frequency
    log_age = np.log(alpha + rows.age)
    left = np.log(a) - np.log(_last_trial(process, b, rows.frequency))
    cases = [left - events * np.log(alpha + rows.recency), -events * log_age]
    if process.k > 1:
        with np.errstate(divide="ignore"):
            waited = np.log(rows.age - rows.recency)
        for j in range(1, process.k):
            cases.append(cases[-1] + np.log((events + j - 1) / j) + waited - log_age)
    return np.stack(cases)


def _last_trial(process: DropoutProcess, b: float, frequency: np.ndarray) -> np.ndarray:
    """Return b and the trials survived before the last one; infinite where there was no trial."""
    trials = process.survived(frequency)
    return np.where(trials > 0, b + trials - 1, np.inf)


def log_shared(
    process: DropoutProcess, parameters: np.ndarray, frequency: np.ndarray
) -> np.ndarray:
    """Return what the cases of a row share; it depends on the frequency alone."""
    r, alpha, a, b = parameters
    shared: np.ndarray = (
        special.gammaln(r + process.k * frequency)
        - special.gammaln(r)
        + r * np.log(alpha)
        - frequency * special.gammaln(process.k)
        + special.betaln(a, b + process.survived(frequency))
        - special.betaln(a, b)
    )
    return shared


def log_likelihoods(process: DropoutProcess, parameters: np.ndarray, rows: Rows) -> np.ndarray:
    """Return the log-likelihood of each distinct row, without that of its single gaps (k > 1)."""
    distinct, place = np.unique(rows.frequency, return_inverse=True)
    shared = log_shared(process, parameters, distinct)[place]
    likelihoods: np.ndarray = shared + log_sum(log_cases(process, parameters, rows))
    return likelihoods


def probability_alive(process: DropoutProcess, parameters: np.ndarray, rows: Rows) -> np.ndarray:
    """Return for each distinct row the probability that the customer has not left."""
    cases = log_cases(process, parameters, rows)
    alive: np.ndarray = np.exp(log_sum(cases[1:]) - log_sum(cases))
    return alive


def log_likelihood(process: DropoutProcess, rows: Rows, point: np.ndarray) -> Curve:
    """Return the log-likelihood of all rows with its derivatives by the logs of the parameters."""
    parameters = np.exp(point)
    curve = _shared_curve(process, parameters, rows)
    for start in range(0, len(rows), BLOCK):
        part = rows.part(slice(start, start + BLOCK))
        curve = added(curve, mixture_curve(part.counts, _cases(process, parameters, part)))
    return by_logs(parameters, curve)


def _cases(process: DropoutProcess, parameters: np.ndarray, rows: Rows) -> Cases:
    """Return the cases of rows with their derivatives by r, alpha, a and b."""
    r, alpha, a, b = parameters
    events = r + process.k * rows.frequency
    logs = log_cases(process, parameters, rows)
    first = np.zeros((4, *logs.shape))
    since = np.empty_like(logs)  # 1 / (alpha + time): recency where it left, else T
    since[0], since[1:] = 1 / (alpha + rows.recency), 1 / (alpha + rows.age)
    first[0] = np.log(since)
    first[1] = -events * since
    per_trial = 1 / _last_trial(process, b, rows.frequency)
    first[2, 0], first[3, 0] = 1 / a, -per_trial
    rr, bb = np.zeros_like(logs), np.zeros_like(logs)
    aa = np.zeros((len(logs), 1))
    aa[0], bb[0] = -1 / a**2, per_trial**2
    for j in range(1, process.k):
        passed = 1 / (events + j - 1)
        first[0, j + 1 :] += passed
        first[1, j + 1 :] -= since[1]
        rr[j + 1 :] -= passed**2
    second = {(0, 1): -since, (1, 1): -first[1] * since, (2, 2): aa, (3, 3): bb}
    return Cases(logs, first, second if process.k == 1 else {**second, (0, 0): rr})


def _shared_curve(process: DropoutProcess, parameters: np.ndarray, rows: Rows) -> Curve:
    """Return the sum over all rows of what their cases share, with derivatives."""
    r, alpha, a, b = parameters
    x, counts = rows.by_frequency
    n, events = counts.sum(), r + process.k * x
    alive, trials = b + process.survived(x), a + b + process.survived(x)
    ended = n * digamma(a + b) - counts @ digamma(trials)
    gradient = np.array(
        [
            counts @ digamma(events) + n * (np.log(alpha) - digamma(r)),
            n * r / alpha,
            ended,
            ended + counts @ digamma(alive) - n * digamma(b),
        ]
    )
    hessian = np.zeros((4, 4))
    hessian[0, 0] = counts @ trigamma(events) - n * trigamma(r)
    hessian[0, 1] = hessian[1, 0] = n / alpha
    hessian[1, 1] = -n * r / alpha**2
    hessian[2:, 2:] = n * trigamma(a + b) - counts @ trigamma(trials)
    hessian[3, 3] += counts @ trigamma(alive) - n * trigamma(b)
    return float(counts @ log_shared(process, parameters, x)), gradient, hessian


def trigamma(x: np.ndarray | float) -> np.ndarray:
    """Return the second derivative of the log of the gamma function."""
    # zeta(2, x) is the same as polygamma(1, x), without its overhead
    curvature: np.ndarray = special.zeta(2.0, x)
    return curvature
