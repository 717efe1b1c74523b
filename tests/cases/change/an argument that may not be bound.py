import ray


@ray.remote
def add(x, y):
    return x + y


def main(flag):
    if flag:
        step = 1
    try:
        for i in range(2):
            add.remote(i, step)
    except UnboundLocalError as error:
        print(type(error).__name__)
    return flag


print(main(True), main(False))
