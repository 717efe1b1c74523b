import ray

task = ray.remote


@task
def f(x):
    return x


make = ray.remote(num_cpus=1)


@make
def g(x):
    return x


print(ray.get([f.remote(i) for i in range(2)]), ray.get([g.remote(i) for i in range(2)]))
