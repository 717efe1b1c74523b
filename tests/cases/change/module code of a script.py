import ray

ray.init(ignore_reinit_error=True)


@ray.remote
def f(x):
    return x + 1


if __name__ == "__main__":
    a = [f.remote(i) for i in range(3)]
    b = [f.remote(x) for x in a]
    c = [f.remote(x) for x in b]
    print(ray.get(c))
