"""Tests of `rayinfer.build`."""
