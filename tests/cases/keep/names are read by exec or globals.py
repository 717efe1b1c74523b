import ray


@ray.remote
def f(x):
    return x


refs = [f.remote(i) for i in range(3)]
print(len(globals()["refs"]), ray.get(refs))
