"""A process is forked while another thread has a region open."""

import os
import threading
import time

import ray


@ray.remote
def double(x):
    return x * 2


def pending(found):
    first = [double.remote(i) for i in range(3)]
    k = 0
    for i in range(3 * 10**7):
        k = i
    later = [double.remote(x) for x in first]
    found.append((ray.get(later), k))


def main():
    ray.init()
    found = []
    thread = threading.Thread(target=pending, args=(found,))
    thread.start()
    time.sleep(0.03)
    child = os.fork()
    if child == 0:
        os._exit(3)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    thread.join()
    print(found)


main()
