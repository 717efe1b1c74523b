import ray


@ray.remote
def f(x):
    return x + 1


@ray.remote
class A:
    def __init__(self, i=0):
        self.i = i

    def add(self, k):
        self.i += k
        return self.i


def main():
    xs = [f.remote(i) for i in range(3)]  # rayinfer: ignore[RI101]
    ys = [f.remote(x) for x in xs]  # rayinfer: ignore
    # rayinfer: ignore
    zs = [f.remote(y) for y in ys]
    text = "# rayinfer: skip-file"
    one = f.remote(1)  # rayinfer: ignore[RI101]
    other = f.remote(1)  # rayinfer: ignore[RI1O1]
    print(text, ray.get(zs), ray.get(one), ray.get(other))  # rayinfer: what


main()
