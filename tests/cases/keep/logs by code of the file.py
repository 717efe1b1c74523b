"""Loops that log: what a record runs is code of the file, or may be."""

import logging
import sys

import ray

logger = logging.getLogger(__name__)
logging.basicConfig(format="%(message)s", stream=sys.stdout, level=logging.INFO)
seen = []


class Keeps(logging.Handler):
    def emit(self, record):
        seen.append(record.getMessage())


logger.addHandler(Keeps())


@ray.remote
def last(texts):
    return texts[-1:]


def main(xs):
    refs = []
    for x in xs:
        logger.info("submitting %s", x)
        refs.append(last.remote(seen))
    return ray.get(refs)


print(main([1, 2, 3]))
