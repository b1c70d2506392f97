"""Frozen data that everything else speaks about. No I/O, no clock."""
