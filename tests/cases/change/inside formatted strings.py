import ray


@ray.remote
def f(x):
    return x


@ray.remote
class A:
    def add(self, k=1):
        return k


def main():
    actors = [A.remote() for _ in range(2)]
    print(f"{ray.get([a.add.remote() for a in actors])} {ray.get([f.remote(i) for i in range(2)])}")
    print(f'{ray.get([a.add.remote(2) for a in actors])!r:>8}', f"""{ray.get([a.add.remote(3) for a in actors])}""")
    print("%s" % ray.get([a.add.remote(4) for a in actors]))
    return f"{len(f'{ray.get([a.add.remote() for a in actors])}')}"


print(main())
