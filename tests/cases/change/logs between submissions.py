"""Loops that log how far they are, by the standard library's loggers and handlers."""

import logging
import sys

import ray

logger = logging.getLogger(__name__)
handler = logging.StreamHandler(sys.stdout)
logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stdout, level=logging.INFO)
handler.setLevel(logging.ERROR)
logger.addHandler(handler)


@ray.remote
def square(x):
    return x * x


@ray.remote
class Worker:
    def take(self, x):
        return x + 1


def tasks(xs):
    log = logging.getLogger("tasks")
    refs = []
    for i, x in enumerate(xs):
        logger.info("submitting %s of %d", i, len(xs))
        refs.append(square.remote(x))
        logging.warning("sent " + str(x))
        log.debug("not shown")
    return ray.get(refs)


def calls(xs):
    workers = [Worker.remote() for _ in range(2)]
    refs = []
    for x in xs:
        for worker in workers:
            refs.append(worker.take.remote(x))
            logger.error(f"took {x}")
    return ray.get(refs)


def one_by_one(xs):
    for x in xs:
        logger.info("square of %d: %s", x, ray.get(square.remote(x)))


print(tasks([1, 2, 3]))
print(calls([4, 5]))
one_by_one([6, 7])
