"""The tests; `python -m tests.corpus.golden` writes the expected files anew."""
