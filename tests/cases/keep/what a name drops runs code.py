import ray


@ray.remote
def f(*args):
    return args


class Held:
    def __init__(self, number):
        self.number = number

    def __del__(self):
        print("dropped", self.number)


def dropped(held):
    refs = []
    for i in range(3):
        one = held.pop() if i < 0 else held[i]
        refs.append(f.remote(i))
        held[i] = i
        del one
    return ray.get(refs)


def bound_anew(held):
    refs = []
    one = held
    for i in range(2):
        one = i
        refs.append(f.remote(one))
    return ray.get(refs)


print(dropped([Held(i) for i in range(3)]))
print(bound_anew(Held(9)))
