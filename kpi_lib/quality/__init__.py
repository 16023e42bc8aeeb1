"""How good the data of a run are, as data."""
