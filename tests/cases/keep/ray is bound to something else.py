import ray


class Fake:
    def remote(self, function):
        function.remote = lambda *args: ("called", *args)
        return function


real, ray = ray, Fake()


@ray.remote
def f(x):
    return x


print([f.remote(i) for i in range(2)], real.__name__)
