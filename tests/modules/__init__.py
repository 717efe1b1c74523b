"""A program of several files."""
