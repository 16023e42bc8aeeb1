"""A peer of the model benchmark: ours."""

from timed_model import WEEKS, run

from kpi_lib.btyd import BetaGeo

run(
    lambda frame: BetaGeo().fit(frame),
    lambda model, frame: model.predict(frame, WEEKS),
    lambda model: {name: getattr(model, f"{name}_") for name in ("r", "alpha", "a", "b")},
)
