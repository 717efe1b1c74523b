"""Tests of `rayinfer.emit`."""
