import ray


@ray.remote
def f(x):
    return x


def main():
    data = [1, 2]
    refs = []
    try:
        for i in range(3):
            refs.append(f.remote(data[i]))
    except IndexError:
        pass
    return len(refs), ray.get(refs)


print(main())
