import ray


@ray.remote
def f(*args):
    return args


def over_all():
    seen = []
    refs = []
    for i in range(3):
        seen.append(i)
        refs.append(f.remote(seen))
    return ray.get(refs)


def after_the_call():
    refs = []
    for i in range(3):
        row = [i]
        refs.append(f.remote(row))
        row.append("late")
    return ray.get(refs)


def in_some_rounds():
    refs = []
    row = []
    for i in range(3):
        if i != 1:
            row = [i]
        row.append("more")
        refs.append(f.remote(row))
    return ray.get(refs)


def over_the_outer_rounds():
    refs = []
    for i in range(2):
        row = [i]
        for k in range(2):
            row.append(k)
            refs.append(f.remote(row))
    return ray.get(refs)


def of_two_names():
    refs = []
    for i in range(2):
        row = [i]
        same = row
        refs.append(f.remote(same))
        row.append("late")
    return ray.get(refs)


print(over_all())
print(after_the_call())
print(in_some_rounds())
print(over_the_outer_rounds())
print(of_two_names())
