import ray


class Looks:
    def remote(self, values):
        print(type(values).__name__)
        return ray.put(values)


@ray.remote
def load(name):
    return [name] * 3


@ray.remote
class Store:
    def put(self, values):
        return len(values)

    def fill(self, name):
        values = ray.get(load.remote(name))
        return load.remote(values)


def given(name, task):
    values = ray.get(load.remote(name))
    return ray.get(task.remote(values))


def made(name):
    return ray.get(Looks().remote(ray.get(load.remote(name))))


def on_one_path(name, looks):
    store = Store.remote()
    if looks:
        store = looks
    values = ray.get(load.remote(name))
    return ray.get(store.put.remote(values))


def bound_later(name):
    values = ray.get(load.remote(name))

    @ray.remote
    def late(values):
        return values

    return ray.get(late.remote(values))


print(given("a", load), given("b", Looks()), made("c"), on_one_path("d", None), bound_later("e"))
print(len(ray.get(ray.get(Store.remote().fill.remote("f")))))
