import ray


@ray.remote
def f(x, y):
    return x, y


def main():
    refs = [  # the fan-out
        f.remote(  # one task
            i,
            y=i + 1,  # its neighbour
        )
        # over all of them
        for i in range(3)
        if i != 1  # but one
    ]
    # and now get them
    print(ray.get(refs))  # all


main()
