import ray

make = ray.remote(num_cpus=1)


@make
def f(x):
    return x


def replaced():
    return [f.remote(i) for i in range(2)]


print(ray.get(replaced()))
