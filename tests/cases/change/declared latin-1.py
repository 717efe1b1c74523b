# -*- coding: latin-1 -*-
import ray


@ray.remote
def f(x):
    return x


def main():
    refs = [f.remote(i) for i in range(3)]
    print("café", ray.get(refs))


main()
