import ray


@ray.remote
def f(*args, **kwargs):
    return args, kwargs


@ray.remote
class Worker:
    def __init__(self, number, settings):
        self.made = number, settings

    def read(self):
        return self.made


def settings_of_each(count, extra):
    workers = []
    for i in range(count):
        settings = {"number": i}
        if extra:
            settings["extra"] = extra
        settings.update(last=i == count - 1)
        workers.append(Worker.options(num_cpus=0.1).remote(i, settings))
    return ray.get([worker.read.remote() for worker in workers])


def rows(count):
    refs = []
    for i in range(count):
        row = []
        for k in range(i):
            row.append(k)
        refs.append(f.remote(row, number=len(row)))
    return ray.get(refs)


def made_in_the_round(count):
    def double(x):
        return 2 * x

    refs = []
    for i in range(count):
        task = ray.remote(num_cpus=0.1)(double)
        refs.append(task.remote(i))
    return ray.get(refs)


print(settings_of_each(2, None), settings_of_each(2, "e"))
print(rows(3))
print(made_in_the_round(2))
