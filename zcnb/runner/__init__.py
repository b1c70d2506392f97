"""Runs tools for the daemon, in processes of their own: a job in, a result out, so many at once and no more."""
