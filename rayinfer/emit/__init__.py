"""From IR back to edits on the source."""
