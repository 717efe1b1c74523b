"""Loops that log what they submit, the time, the stack, or by what is no logger of the standard library."""

import logging
import sys
import time

import ray

logger = logging.getLogger(__name__)
logging.basicConfig(format="%(message)s", stream=sys.stdout, level=logging.INFO)
if len(sys.argv) > 5:
    other = logging.getLogger("other")
else:
    other = logging.getLogger("another")


@ray.remote
def square(x):
    return x * x


def clocks(xs):
    refs = []
    start = time.time()
    for x in xs:
        logger.info("after a while: %s", time.time() - start < 1000)
        refs.append(square.remote(x))
    return ray.get(refs)


def stacks(xs):
    refs = []
    for x in xs:
        refs.append(square.remote(x))
        logger.debug("here", stack_info=True)
    return ray.get(refs)


def others(xs):
    refs = []
    for x in xs:
        other.info("one of two")
        refs.append(square.remote(x))
    return ray.get(refs)


print(clocks([1, 2]))
print(stacks([1, 2]))
print(others([1, 2]))
