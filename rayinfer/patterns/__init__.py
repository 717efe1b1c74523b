"""The recognised forms, one file each."""
