"""Threads that submit side by side."""

import threading

import ray


@ray.remote
def f(x):
    return x + 1


@ray.remote
class Log:
    def __init__(self):
        self.seen = []

    def add(self, x):
        self.seen.append(x)
        return len(self.seen)

    def read(self):
        return self.seen


def work(k, out):
    logs = [Log.remote() for _ in range(2)]
    for i in range(5):
        xs = [f.remote(i + j) for j in range(3)]
        ys = [f.remote(x) for x in xs]
        first = [log.add.remote(i) for log in logs]
        second = [log.add.remote(k) for log in logs]
    out[k] = ray.get(ys), ray.get(first), ray.get(second), ray.get([log.read.remote() for log in logs])


def main():
    ray.init()
    out = {}
    threads = [threading.Thread(target=work, args=(k, out)) for k in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for k in range(3):
        print(k, out[k])


main()
