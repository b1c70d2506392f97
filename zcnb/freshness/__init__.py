"""Are the recorded inputs still what they were?

`memo` knows what is in a file, `scan` what its text hints at, `check` holds a
manifest against the disk. `watch` knows where nothing happened, in the folders
that `places` tells are the system's.
"""
