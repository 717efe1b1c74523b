import ray


@ray.remote
def f(x):
    return x


def by_a_lambda(xs):
    def last():
        return x

    for x in xs:
        f.remote(x)
    return last()


def of_the_caller(xs):
    i = 0

    def run():
        nonlocal i
        for i in xs:
            f.remote(i)

    run()
    return i


print(by_a_lambda([1, 2]))
print(of_the_caller([3, 4]))
