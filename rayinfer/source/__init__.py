"""Bytes to CST and back: decoding, positions, and the guard that what was read is what would be written."""
