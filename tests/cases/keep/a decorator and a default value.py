import ray


@ray.remote
def f(x):
    return x


def keep(refs):
    def decorate(function):
        function.refs = refs
        return function

    return decorate


@keep([f.remote(i) for i in range(2)])
def main(more=[f.remote(i) for i in range(3)]):  # noqa: B006, B008
    print(ray.get(main.refs), ray.get(more))


main()
