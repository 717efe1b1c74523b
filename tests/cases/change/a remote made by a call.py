import ray


def plain(x):
    return x + 100


quick = ray.remote(plain)
careful = ray.remote(num_cpus=0.5, max_retries=2)(plain)

first = [quick.remote(i) for i in range(3)]
second = [careful.remote(i) for i in range(3)]
print(ray.get(first), ray.get(second), plain(1))
