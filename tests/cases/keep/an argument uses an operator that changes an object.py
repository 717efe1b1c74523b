import ray


@ray.remote
def f(*args):
    return args


class Stack:
    def __init__(self):
        self.items = [0]

    def __add__(self, item):
        self.items.append(item)
        return len(self.items)

    def __len__(self):
        self.items.append("len")
        return 2

    def __str__(self):
        self.items.append("str")
        return "stack"


def main():
    stack = Stack()
    items = stack.items
    refs = [f.remote(items, stack + i) for i in range(2)]
    more = [f.remote(items, len(stack)) for _ in range(2)]
    texts = [f.remote(items, f"{stack}", str(stack)) for _ in range(2)]
    return ray.get(refs), ray.get(more), ray.get(texts)


print(main())
