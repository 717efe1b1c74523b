import ray


@ray.remote(num_returns=2)
def halves(text):
    return text[: len(text) // 2], text[len(text) // 2 :]


@ray.remote(num_returns=2)
def step(total, x):
    return total + x, total * x


@ray.remote
def join(left, right):
    return left + right


def into_two_lists(texts):
    lefts, rights = [], []
    for text in texts:
        left, right = halves.remote(text)
        lefts.append(left)
        rights.append(right)
    return ray.get(lefts), ray.get(rights)


def one_after_the_other(text):
    left, right = halves.remote(text)
    back = join.remote(right, left)
    first, second = halves.remote(back)
    return ray.get([left, back, first, second])


def with_options(texts, count):
    joined = []
    for text in texts:
        left, right = halves.options(num_returns=count).remote(text)
        joined.append(join.remote(right, left))
    return ray.get(joined)


def of_a_task_that_is_given(task, texts):
    joined = []
    for text in texts:
        left, right = task.remote(text)
        joined.append(join.remote(left, right))
    return ray.get(joined)


def carried_over(n):
    total, seen = 1, []
    for x in range(n):
        total, other = step.remote(total, x)
        seen.append(other)
    return ray.get(total), ray.get(seen)


def rows(texts):
    found, table = [], {}
    for text in texts:
        row = halves.remote(join.remote(text, text))
        found.append(row)
        table[text], table[text + text] = halves.remote(text)
        found.append([join.remote(row[1], row[0])])
    return [ray.get(row) for row in found], {key: ray.get(ref) for key, ref in table.items()}


texts = ["abcd", "efgh", "ij"]
print(into_two_lists(texts), into_two_lists([]), one_after_the_other("abcd"))
print(with_options(texts, 2), of_a_task_that_is_given(halves, texts), carried_over(4), rows(texts))
for wrong in (1, 3):
    try:
        with_options(texts, wrong)
    except (TypeError, ValueError) as error:
        print(type(error).__name__)
