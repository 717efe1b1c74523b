import ray


@ray.remote
def area(w, h):
    return w * h


@ray.remote
def around(w, h=1):
    return 2 * (w + h)


@ray.remote
def half(x):
    return 8 // x


def main(sizes):
    out = []
    for w in sizes:
        a = ray.get(area.remote(w, w))
        b = ray.get(around.remote(w))
        out.append(a + b)
    for i, (w) in enumerate(sizes):
        # both at once
        first = area.remote(w, i)
        second = around.remote(
            w,
            h=i,  # the round's number
        )
        a, b = ray.get([first, second])
        print(i, a, b)
    for w in sizes:
        try:
            out.append(ray.get(half.remote(w)) - ray.get(half.remote(w - 1)))
        except ZeroDivisionError:
            print("nothing to halve for", w)
    for w in sizes:
        for h in sizes:
            out.append(ray.get(area.remote(w, h)))
        out.append(ray.get(around.remote(w)))
    pairs = [(ray.get(area.remote(w, 2)), ray.get(around.remote(w, 2))) for w in sizes]
    return out, pairs, {ray.get(area.remote(w, 3)): ray.get(around.remote(w, 3)) for w in sizes}


ray.init()
print(main([3, 1, 0, 2]))
print(main(()))
