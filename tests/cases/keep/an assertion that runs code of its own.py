import ray


@ray.remote
def f(*args):
    return args


class Ready:
    def __init__(self):
        self.asked = 0

    def __bool__(self):
        self.asked += 1
        print("asked", self.asked)
        return True


def asserted(ready):
    refs = []
    for i in range(2):
        assert ready
        refs.append(f.remote(i))
    return ray.get(refs)


def tested(ready):
    refs = []
    for i in range(2):
        if ready:
            refs.append(f.remote(i))
    return ray.get(refs)


print(asserted(Ready()))
print(tested(Ready()))
