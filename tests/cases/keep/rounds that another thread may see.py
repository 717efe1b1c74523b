import threading

import ray

level = [0]


@ray.remote
def step(x, k=1):
    return x + k


@ray.remote
def pause(x):
    return x


def raise_level():
    level[0] += 1


def main(xs):
    out = []
    threading.Thread(target=raise_level).start()
    for x in xs:
        ray.get(pause.remote(x))
        out.append(ray.get(step.remote(x, level[0])) > x)
    return len(out)


print(main([1, 2, 3]))
