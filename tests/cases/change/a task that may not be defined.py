import ray

if not ray.__version__:

    @ray.remote
    def missing(x):
        return x


def never(items):
    return [missing.remote(i) for i in items]


def early(items):
    refs = [local.remote(i) for i in items]

    @ray.remote
    def local(x):
        return x

    return refs


print(never([]), early([]))
