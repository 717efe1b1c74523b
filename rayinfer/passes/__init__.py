"""Passes over the graph of one region."""
