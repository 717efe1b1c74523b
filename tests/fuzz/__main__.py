"""`make fuzz`: many generated programs, with statistics and every failure made small.

FUZZ_PROGRAMS is how many (10,000), FUZZ_SEED the first seed (0), FUZZ_CLUSTER how many run on a real cluster (100).
"""

from __future__ import annotations

import os
import sys

from tests.fuzz.campaign import Failure, Statistics, run, run_on_cluster


def main() -> int:
    """Run the campaign that the environment asks for; 1 when a program failed."""
    shown: set[str] = set()

    def report(statistics: Statistics, failures: list[Failure]) -> None:
        print(f"{statistics.programs} programs, {len(failures)} failures", file=sys.stderr, flush=True)
        for failure in failures:
            if failure.text not in shown:
                shown.add(failure.text)
                print(failure, flush=True)

    count = int(os.environ.get("FUZZ_PROGRAMS", "10000"))
    first = int(os.environ.get("FUZZ_SEED", "0"))
    statistics, failures = run(count, first, report)
    print(statistics)
    on_cluster = run_on_cluster(int(os.environ.get("FUZZ_CLUSTER", "100")), first)
    for failure in on_cluster:
        print(failure)
    return 1 if failures or on_cluster else 0


if __name__ == "__main__":
    sys.exit(main())
