import ray


@ray.remote
def f(*args):
    return len(args)


def rows(n):
    table = [[None] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            table[i][j] = f.remote(*table[i - 1][:j])
    return ray.get(table[-1][-1])


def compared(n):
    refs = [None] * n
    for i in range(n):
        before = refs[i - 1]
        refs[i] = f.remote(before is None, before)
        if before is not None:
            print(type(before).__name__)
    return ray.get(refs[-1])


def carried(n):
    before = None
    found = []
    for _ in range(2):
        refs = [None] * n
        for i in range(n):
            refs[i] = f.remote(before)
            before = refs[i]
        found.append(ray.get(refs[-1]))
    return found


def kept(n, seen):
    refs = [None] * n
    for i in range(1, n):
        last = refs[i - 1]
        refs[i] = f.remote(last)
        seen.append(last)
    return ray.get(refs[-1]), len(seen)


def same_rows(n):
    table = [[None] * n] * n
    for i in range(n):
        for j in range(n):
            table[i][j] = f.remote(table[i][j - 1])
    return ray.get(table[0])


print(rows(3), compared(3), carried(3), kept(3, []), same_rows(2))
