import ray


@ray.remote
def f(*args):
    return args


import collections


def main():
    table = collections.defaultdict(int)
    refs = [f.remote(table, table[i]) for i in range(3)]
    grown = []
    for i in range(3, 5):
        grown.append(f.remote([table], table[i]))
    return ray.get(refs), ray.get(grown)


print(main())
