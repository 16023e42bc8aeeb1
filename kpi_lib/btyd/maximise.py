"""Finds where a likelihood and a weak prior are largest: Newton's steps, damped where they fail.

The prior stands on the logarithm of each parameter, t, around a usual value m that is taken from
the data's own scale: -((t - m) / 4)^8 / 8. Within a factor of about 20 of the usual value it says
next to nothing, and the estimate is that of maximum likelihood; beyond a factor of 50 it is a wall.
So data that say nothing of a parameter, a handful of customers, leave it finite.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

WIDTH, POWER = 4.0, 8
MOST_STEPS = 200
CLOSE = 1e-10  # of the gain that a further step promises
SMALLEST, LARGEST = 1e-8, 1e12  # of the damping
FARTHEST = 2.0  # a step moves no parameter by more than a factor of e^2

# What is maximised: its value, gradient and matrix of second derivatives at a point.
Curve = tuple[float, np.ndarray, np.ndarray]
Surface = Callable[[np.ndarray], Curve]


@dataclass(frozen=True)
class Maximum:
    """Where the maximum is, what the data alone say there, and how it was found."""

    point: np.ndarray
    value: float
    information: np.ndarray  # minus the second derivatives of the data's own log-likelihood
    held: np.ndarray  # the same with the prior
    steps: int
    converged: bool


def prior(point: np.ndarray, usual: np.ndarray) -> Curve:
    """Return the logarithm of the weak prior, up to a constant, with its derivatives."""
    away = (point - usual) / WIDTH
    value = -np.sum(away**POWER) / POWER
    return (
        float(value),
        -(away ** (POWER - 1)) / WIDTH,
        np.diag(-(POWER - 1) * away ** (POWER - 2) / WIDTH**2),
    )


def normal_prior(mean: np.ndarray, precision: np.ndarray) -> Callable[[np.ndarray], Curve]:
    """Return a normal prior around a mean: how parameters of a group lie around common ones."""

    def curve(point: np.ndarray) -> Curve:
        pull = precision @ (point - mean)
        return float(-0.5 * (point - mean) @ pull), -pull, -precision

    return curve


def maximise(
    likelihood: Surface,
    start: np.ndarray,
    believed: Callable[[np.ndarray], Curve],
    *,
    close: float = CLOSE,
) -> Maximum:
    """Return where `likelihood` + `believed` is largest, from `start` on."""
    point, damping = np.asarray(start, dtype=float), 0.0
    here = _evaluated(likelihood, believed, point)
    for step in range(1, MOST_STEPS + 1):
        move = _step(here.gradient, here.hessian, damping)
        promised = float(here.gradient @ move)
        if promised < close * (1.0 + 1e-6 * abs(here.value)):
            return _maximum(point, here, step, converged=True)
        there = _evaluated(likelihood, believed, point + move)
        least = here.value - 1e-12 * abs(here.value)
        if np.isfinite(there.value) and there.value >= least:
            point, here = point + move, there
            damping = 0.0 if damping <= SMALLEST else damping / 10
        elif damping > LARGEST:
            break
        else:
            damping = max(10 * damping, SMALLEST * (1.0 + float(np.abs(here.hessian).max())))
    return _maximum(point, here, MOST_STEPS, converged=False)


@dataclass(frozen=True)
class _Evaluation:
    """A log-likelihood and its prior at a point, with the derivatives of their sum.

    `of_data` and `hessian_of_data`: what the likelihood alone says there.
    """

    value: float
    gradient: np.ndarray
    hessian: np.ndarray
    of_data: float
    hessian_of_data: np.ndarray


def _evaluated(
    likelihood: Surface, believed: Callable[[np.ndarray], Curve], point: np.ndarray
) -> _Evaluation:
    """Return log posterior, gradient and Hessian at a point, and the data's part of them."""
    (value, gradient, hessian), of_prior = likelihood(point), believed(point)
    return _Evaluation(
        value=value + of_prior[0],
        gradient=gradient + of_prior[1],
        hessian=hessian + of_prior[2],
        of_data=value,
        hessian_of_data=hessian,
    )


def _step(gradient: np.ndarray, hessian: np.ndarray, damping: float) -> np.ndarray:
    """Return Newton's step, uphill also where the surface is not curved downwards."""
    curvatures, axes = np.linalg.eigh(-hessian)
    floor = 1e-9 * max(1.0, float(np.abs(curvatures).max()))
    bent = np.maximum(np.abs(curvatures), floor) + damping
    move: np.ndarray = axes @ ((axes.T @ gradient) / bent)
    longest = float(np.abs(move).max())
    return move if longest <= FARTHEST else move * (FARTHEST / longest)


def _maximum(point: np.ndarray, found: _Evaluation, steps: int, *, converged: bool) -> Maximum:
    return Maximum(point, found.of_data, -found.hessian_of_data, -found.hessian, steps, converged)
