import ray


@ray.remote
def f(x):
    return x / 3


total = 0.0
for i in range(4):
    total += ray.get(f.remote(i))
print(total)
