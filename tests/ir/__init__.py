"""Tests of `rayinfer.ir`."""
