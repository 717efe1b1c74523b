"""Tests of `rayinfer.patterns`."""
