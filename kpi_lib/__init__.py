"""Partner scorecards: one number travels from a raw table to a page, one floor at a time."""

import os

# Polars' allocator (jemalloc) keeps freed memory for ten seconds; on ten million orders that is
# half a gigabyte that nothing uses. It reads this when Polars is loaded, so it stands first.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:500,muzzy_decay_ms:0")
