"""Partner scorecards: one number travels from a raw table to a page, one floor at a time."""

import os

# Polars lets freed memory count as the process's for a second more than it has to; on ten million
# orders that is 0.2 GB. Its allocator reads this when Polars is loaded, so it is said here first.
GIVE_BACK = "dirty_decay_ms:500,muzzy_decay_ms:0"
os.environ.setdefault("_RJEM_MALLOC_CONF", GIVE_BACK)
