import sys

import ray


@ray.remote
def f(*args):
    return args


def told(limit):
    refs = []
    for i in range(4):
        if i == limit:
            sys.stdout.write("enough\n")
            break
        refs.append(f.remote(i))
    return ray.get(refs)


def asked(tasks):
    refs = []
    for i in range(4):
        if tasks.pop() is None:
            continue
        refs.append(f.remote(i))
    return ray.get(refs)


def failed(check):
    refs = []
    for i in range(4):
        if i > 3:
            raise check(i)
        refs.append(f.remote(i))
    return ray.get(refs)


def asserted(check):
    refs = []
    for i in range(2):
        assert check(i), i
        refs.append(f.remote(i))
    return ray.get(refs)


print(told(2))
print(asked([None, 1, None, 2]))
print(failed(ValueError))
print(asserted(lambda i: print("checked", i) is None))
