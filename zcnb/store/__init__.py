"""The cache on disk: content-addressed blobs, an index of entries, eviction, and `Store` in front of them."""
