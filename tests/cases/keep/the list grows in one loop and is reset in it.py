import ray


@ray.remote
def f(x):
    return x


kept = []
for k in range(3):
    if k == 1:
        kept = []
    kept.append(f.remote(k))
print(ray.get(kept))
