"""What is printed runs code of the file, which has effects."""

import ray


@ray.remote
def f(x):
    return x


class Name:
    def __init__(self, text):
        self.text = text
        self.read = 0

    def __str__(self):
        self.read += 1
        return f"{self.text}{self.read}"


def main(names):
    refs = []
    for name in names:
        refs.append(f.remote(name.read))
        print(name)
    print(ray.get(refs))


main([Name("a"), Name("b")])
