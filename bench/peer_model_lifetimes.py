"""A peer of the model benchmark: lifetimes, in an environment of its own."""

from lifetimes import BetaGeoFitter
from timed_model import WEEKS, run

run(
    lambda frame: BetaGeoFitter().fit(frame["frequency"], frame["recency"], frame["T"]),
    lambda model, frame: model.conditional_expected_number_of_purchases_up_to_time(
        WEEKS, frame["frequency"], frame["recency"], frame["T"]
    ),
    lambda model: dict(model.params_),
)
