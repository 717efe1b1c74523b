import ray


@ray.remote
def f(x):
    return x


def run():
    return ray.get([f.remote(i) for i in range(3)])


first = run()
f = f.options(num_cpus=0.5)
print(first, run())
