"""Tasks and actors that read containers of the program's, as of their first submission, while these grow."""

import ray


class Job:
    def __init__(self):
        self.refs = []
        self.outs = []
        self.table = {}

    def tasks(self, xs):
        for x in xs:
            self.refs.append(square.remote(x))
            self.outs.append(sizes.remote(x))
        return ray.get(self.outs)

    def actors(self, xs):
        for x in xs:
            self.refs.append(square.remote(x))
            self.outs.append(Reader.remote(x))
        return ray.get([actor.sizes.remote() for actor in self.outs])

    def with_options(self, xs):
        for x in xs:
            self.table[x] = square.remote(x)
            self.outs.append(sizes_with_options.options(num_cpus=0.5).remote(x))
        return ray.get(self.outs)

    def of_several(self, xs):
        for x in xs:
            self.refs.append(square.remote(x))
            self.outs.append((first if x % 2 else second).remote(x))
        return ray.get(self.outs)

    def of_its_own(self, xs):
        for x in xs:
            self.refs.append(own.remote(x))
        return ray.get(self.refs)

    def locally(self, xs):
        outs = []
        for x in xs:
            self.refs.append(square.remote(x))
            outs.append(local.remote(x))
        return ray.get(outs)

    def at_once(self, xs):
        for x in xs:
            self.refs.append(square.remote(x))
        outs = [inside.remote(x) for x in xs]
        return ray.get(outs)

    def once(self, xs):
        for x in xs:
            self.refs.append(square.remote(x))
            single = alone.remote(x)
        return ray.get(single)


job = Job()


def read():
    return len(job.refs), len(job.outs), sorted(job.table)


@ray.remote
def square(x):
    return x * x


@ray.remote(num_cpus=0)
class Reader:
    def __init__(self, x):
        self.x = x

    def sizes(self):
        return self.x, read()


@ray.remote
def sizes(x):
    return x, read()


@ray.remote
def sizes_with_options(x):
    return x, read()


@ray.remote
def first(x):
    return x, read()


@ray.remote
def second(x):
    return -x, read()


@ray.remote
def own(x):
    return x, read()


@ray.remote
def local(x):
    return x, read()


@ray.remote
def inside(x):
    return x, read()


@ray.remote
def alone(x):
    return x, read()


ray.init(logging_level="error")
for way in ("tasks", "actors", "with_options", "of_several", "of_its_own", "locally", "at_once", "once"):
    job.__init__()
    print(way, getattr(job, way)([1, 2, 3]))
