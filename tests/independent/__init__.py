"""A second, plain computation of the KPI table, to hold the engine against."""
