"""What is printed goes to an object whose class is in the file, and which looks at the refs."""

import contextlib

import ray


@ray.remote
def f(x):
    return x


class Tee:
    def __init__(self):
        self.lines = []

    def write(self, text):
        self.lines.append(len(refs))


refs = []
tee = Tee()
with contextlib.redirect_stdout(tee):
    for name in ["a", "b"]:
        refs.append(f.remote(name))
        print(name)
for name in ["c", "d"]:
    refs.append(f.remote(name))
    print(name, file=tee)
print(ray.get(refs), tee.lines)
