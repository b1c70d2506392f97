"""The caller's side: find or start the daemon, ask it, and do without it when it cannot be had."""
