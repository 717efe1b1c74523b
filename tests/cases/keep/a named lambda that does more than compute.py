import ray


@ray.remote
def f(x):
    return x


box = []
push = lambda x: box.append(x)
late = lambda: len(box)
again = lambda x: x
again = lambda x: box.append(x)


def main(n):
    print(ray.get([f.remote(push(i)) for i in range(n)]), box)
    print(ray.get([f.remote(late()) for i in range(n)]))
    print(ray.get([f.remote(again(i)) for i in range(n)]), box)


ray.init()
main(3)
