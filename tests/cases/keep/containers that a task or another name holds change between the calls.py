import ray


@ray.remote
def f(*args):
    return args


def given():
    table = {}
    refs = []
    for i in range(3):
        refs.append(f.remote(table))
        table[i] = i
    return ray.get(refs)


def held_by_another():
    table = {}
    both = [table]
    refs = []
    for i in range(3):
        refs.append(f.remote(both))
        table[i] = i
    return ray.get(refs)


def of_the_caller(table, other):
    refs = []
    for i in range(3):
        refs.append(f.remote(other))
        table.append(i)
    return ray.get(refs)


def a_total_that_may_be_a_list(values):
    total = 0
    refs = []
    for value in values:
        total += value
        refs.append(f.remote(total))
    return ray.get(refs)


def a_list_that_grows():
    total = []
    refs = []
    for i in range(3):
        total += [i]
        refs.append(f.remote(total))
    return ray.get(refs)


def printed_between():
    refs = []
    sizes = []
    for i in range(3):
        sizes.append(print(i))
        refs.append(f.remote(i))
    return ray.get(refs)


def a_method_of_its_own(log):
    refs = []
    for i in range(3):
        refs.append(f.remote(i))
        log.append(i)
    return ray.get(refs)


class Log:
    def append(self, i):
        print("log", i)


print(given())
print(held_by_another())
shared = []
print(of_the_caller(shared, shared))
print(a_total_that_may_be_a_list([1, 2]))
print(a_list_that_grows())
print(printed_between())
print(a_method_of_its_own(Log()))
