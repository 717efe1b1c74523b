import ray


@ray.remote
def f(x):
    return x


def main():
    out = []
    for k in range(4):
        if k == 1:
            continue
        refs = [f.remote(k * 10 + i) for i in range(2)]
        if k == 3:
            break
        out.append(ray.get(refs))
    else:
        print("never")
    print(out, ray.get(refs))
    while True:
        last = [f.remote(i) for i in range(2)]
        if out:
            break
    print(ray.get(last))


main()
