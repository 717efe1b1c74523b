import ray


@ray.remote
def f(x):
    return -x


cpus = 0.5
refs = [f.options(num_cpus=cpus, name="neg").remote(i) for i in range(3)]
print(ray.get(refs))
