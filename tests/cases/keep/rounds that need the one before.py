import ray


@ray.remote
def step(x, k=1):
    return x + k


def chain(n):
    x = 0
    for i in range(n):
        x = ray.get(step.remote(x, i))
    return x


def counted(n):
    seen = []
    for i in range(n):
        seen.append(ray.get(step.remote(len(seen), i)))
    return seen


def grown():
    todo = [2]
    for x in todo:
        if ray.get(step.remote(x, -1)):
            todo.append(x - 1)
    return todo


def search(xs):
    for x in xs:
        if ray.get(step.remote(x)) > 2:
            return x


def until(limit):
    x = 0
    while x < limit:
        x = ray.get(step.remote(x, 2))
    return x


print(chain(3), counted(3), grown(), search([1, 2, 3]), until(5))
