import ray


@ray.remote
def fib(n):
    if n < 2:
        return n
    return sum(ray.get(fib.remote(n - 1)) for _ in range(1)) + ray.get(fib.remote(n - 2))


print(ray.get(fib.remote(6)))
