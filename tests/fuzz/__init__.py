"""Generated Ray programs, run plain and rewritten."""
