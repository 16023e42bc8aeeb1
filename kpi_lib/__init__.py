"""Partner scorecards: one number travels from a raw table to a page, one floor at a time."""
