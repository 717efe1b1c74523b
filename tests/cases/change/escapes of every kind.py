import ray


@ray.remote
def f(x):
    return x


class Holder:
    pass


def helper(refs):
    return sum(ray.get(refs))


def returned():
    return [f.remote(i) for i in range(3)]


def named_and_returned():
    refs = [f.remote(i) for i in range(3)]
    return refs


def in_containers():
    refs = [f.remote(i) for i in range(3)]
    table = {"refs": refs, 0: (refs, 1)}
    return table["refs"] is table[0][0], type(table["refs"]) is list, ray.get(table["refs"])


def on_attributes(holder):
    refs = [f.remote(i) for i in range(3)]
    holder.refs = refs
    holder.more = [f.remote(i + 1) for i in range(3)]
    return ray.get(holder.refs + holder.more)


def passed_on():
    refs = [f.remote(i) for i in range(3)]
    return helper(refs), helper([f.remote(i) for i in range(4)]), helper(refs=refs)


def global_name():
    global kept
    kept = [f.remote(i) for i in range(2)]


def default_argument():
    refs = [f.remote(i) for i in range(2)]

    def inner(given=refs):
        return ray.get(given)

    return inner()


print(ray.get(returned()), ray.get(named_and_returned()), in_containers(), on_attributes(Holder()))
global_name()
print(passed_on(), ray.get(kept), default_argument())
