"""A region that KeyboardInterrupt leaves in the middle is submitted all the same."""

import os
import signal
import tempfile
import time

import ray


@ray.remote
def touch(folder, name):
    open(os.path.join(folder, str(name)), "w").close()
    return name


def spin(folder):
    first = [touch.remote(folder, i) for i in range(3)]
    n = 0
    for i in range(10**9):
        n = i * 2
    more = [touch.remote(folder, n) for x in range(3)]
    return ray.get(first), ray.get(more)


def main():
    ray.init()
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    ray.get(touch.remote(tempfile.mkdtemp(), "warm"))
    with tempfile.TemporaryDirectory() as folder:
        signal.setitimer(signal.ITIMER_REAL, 4)
        try:
            spin(folder)
        except KeyboardInterrupt:
            print("interrupted")
        for _ in range(300):
            if len(os.listdir(folder)) == 3:
                break
            time.sleep(0.1)
        print(sorted(os.listdir(folder)))


main()
