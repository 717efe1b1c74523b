import numpy as np
import ray


@ray.remote
def f(values):
    return [int(v) for v in values], sum(values).item()


class Box:
    def __init__(self):
        self.values = np.zeros(3, dtype=int)


def main():
    box = Box()
    refs = []
    for k in range(3):
        box.values = box.values + k
        refs.append(f.remote(box.values))
    later = [f.remote(box.values) for _ in range(2)]
    box.values[:] = 99
    print(ray.get(refs), ray.get(later))


main()
