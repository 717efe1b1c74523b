"""Submissions that Ray refuses raise at their own line, after what stands before them."""

import threading
import traceback

import ray


@ray.remote
def f(x):
    return x


@ray.remote
class Log:
    def __init__(self):
        self.seen = []

    def add(self, x):
        self.seen.append(x)

    def read(self):
        return self.seen


def lines(error):
    return sorted({step.lineno for step in traceback.extract_tb(error.__traceback__) if step.filename == __file__})


def wrong_task():
    xs = [f.remote(i) for i in range(3)]
    ys = [f.remote(x, 2) for x in xs]
    zs = [f.remote(y) for y in ys]
    return ray.get(zs)


def wrong_method(logs):
    n = 3
    a = [log.add.remote(n) for log in logs]
    b = [log.missing.remote() for log in logs]
    c = [log.read.remote() for log in logs]
    return ray.get(a), ray.get(b), ray.get(c)


def wrong_actor():
    made = [Log.remote() for _ in range(2)]
    more = [Log.remote(1, 2) for _ in range(2)]
    calls = [log.add.remote(1) for log in more]
    return ray.get(calls), made


def wrong_call():
    made = [Log.remote() for _ in range(2)]
    calls = [log.add.remote(1, 2) for log in made]
    again = [log.read.remote() for log in made]
    return ray.get(calls), ray.get(again)


def lock():
    held = threading.Lock()
    xs = [f.remote(i) for i in range(3)]
    ys = [f.remote(held) for x in xs]
    zs = [f.remote(y) for y in ys]
    return ray.get(zs)


def main():
    ray.init()
    logs = [Log.remote() for _ in range(2)]
    for one in (wrong_task, wrong_actor, wrong_call, lock):
        try:
            print(one())
        except Exception as error:
            print(one.__name__, type(error).__name__, lines(error))
    try:
        print(wrong_method(logs))
    except Exception as error:
        print(type(error).__name__, lines(error))
    print([ray.get(log.read.remote()) for log in logs])


main()
