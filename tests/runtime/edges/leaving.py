"""A driver that ends with work pending, in several ways; `look` prints what became of it."""

import sys
import time

import ray


@ray.remote
class Log:
    def __init__(self):
        self.seen = []

    def mark(self):
        self.seen.append("marked")

    def read(self):
        return self.seen


def submit(log):
    logs = [log, log, log]
    way = sys.argv[1]
    [one.mark.remote() for one in logs]
    number = 2
    number = number // (way != "raise")
    if way == "exit":
        sys.exit(5)


def main(namespace):
    ray.init(namespace=namespace)
    if sys.argv[1] == "look":
        log = ray.get_actor("kept")
        for _ in range(100):
            if len(ray.get(log.read.remote())) == 3:
                break
            time.sleep(0.1)
        print(ray.get(log.read.remote()))
        ray.kill(log)
        return
    log = Log.options(name="kept", lifetime="detached").remote()
    ray.get(log.read.remote())
    submit(log)


main(sys.argv[2])
