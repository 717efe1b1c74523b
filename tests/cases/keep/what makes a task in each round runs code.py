import ray


def f(x):
    return x


class Noisy:
    def __init_subclass__(cls, **options):
        print("derived from", cls.__mro__[1].__name__)

    def read(self):
        return 1


def asked(share):
    print("asked")
    return share


def options(count):
    refs = []
    for i in range(count):
        task = ray.remote(num_cpus=asked(0.1))(f)
        refs.append(task.remote(i))
    return ray.get(refs)


def classes(count):
    refs = []
    for i in range(count):
        made = ray.remote(Noisy)
        refs.append(made.remote())
    return len(refs)


def given(function, count):
    refs = []
    for i in range(count):
        task = ray.remote(function)
        refs.append(task.remote(i))
    return ray.get(refs)


print(options(2))
print(classes(1))
print(given(f, 2))
