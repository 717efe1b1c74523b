import ray


@ray.remote
def f(x):
    return x


def main():
    refs = [f.remote(i) for i in range(2)]
    alias = refs
    alias.append(f.remote(9))
    more = [f.remote(x) for x in refs]
    print(len(refs), ray.get(more))


main()
