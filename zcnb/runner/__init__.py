"""Runs tools for the daemon: a job in, a result out, never more at once than there are cores."""
