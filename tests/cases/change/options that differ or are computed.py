import ray


@ray.remote
def f(x):
    return x


def cpus(i):
    return 0.5


given = {"num_cpus": 0.5}
a = [f.options(**given).remote(i) for i in range(2)]
b = [f.options(num_cpus=cpus(i)).remote(i) for i in range(2)]
c = [f.options(name=name).remote(i) for i, name in enumerate(["x", "y"])]
d = [f.options(num_cpus=0.1 + i / 10).remote(i) for i in range(2)]
e = []
for i in range(2):
    label = f"task-{i}"
    e.append(f.options(name=label).remote(i))
for i, name in enumerate(["x", "y"]):
    f.options(name=name).remote(i)
print(ray.get(a), ray.get(b), ray.get(c), ray.get(d), ray.get(e))
