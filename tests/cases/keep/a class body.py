import ray


@ray.remote
def f(x):
    return x


class Settings:
    refs = [f.remote(i) for i in range(2)]
    first = f.remote(7)

    def values(self, given=ray.get(f.remote(8))):
        return ray.get(self.refs), ray.get(self.first), given


print(Settings().values())
