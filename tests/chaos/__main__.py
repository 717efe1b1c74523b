"""`python -m tests.chaos [--rounds N] [--seed S]`: every program several times, while nodes are killed and started."""

from __future__ import annotations

import argparse
import sys

from tests.chaos.chaos import PROGRAMS, differences


def main() -> int:
    """Prints a line for each run that differs, and how many runs there were; 1 if one differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each program runs")
    parser.add_argument("--seed", type=int, default=0, help="of which node is killed, and when")
    options = parser.parse_args()
    runs = wrong = 0
    for line in differences(PROGRAMS, options.rounds, options.seed, (1.0, 6.0)):
        runs += 1
        wrong += bool(line)
        if line:
            print(line, flush=True)
    print(f"{runs} runs, {wrong} with another output than plain Ray's")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
