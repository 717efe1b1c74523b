"""Benchmarks: rewritten programs beside plain Ray on one machine."""
