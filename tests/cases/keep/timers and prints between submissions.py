import time

import ray


@ray.remote
def f(x):
    return x


refs = []
for i in range(3):
    start = time.perf_counter()
    refs.append(f.remote(i))
    assert time.perf_counter() - start < 10
more = []
for i in range(2):
    print("submit", i, time.perf_counter() > 0)
    more.append(f.remote(i))
print(ray.get(refs), ray.get(more))
