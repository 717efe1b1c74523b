import ray


@ray.remote
def load(name):
    return [name] * 3


def restart():
    ray.shutdown()
    ray.init()


def main(name):
    values = ray.get(load.remote(name))
    restart()
    return ray.get(load.remote(values))


print(main("a"))
