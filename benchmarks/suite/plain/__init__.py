"""Plain Ray programs, as a user would write them: what the suite compiles and compares."""
