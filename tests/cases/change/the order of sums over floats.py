import ray


@ray.remote
def f(x):
    return 0.1 * x


total = 0.0
for i in range(5):
    total += ray.get(f.remote(i))
ref = f.remote(3)
total -= ray.get(ref)
print(total)
