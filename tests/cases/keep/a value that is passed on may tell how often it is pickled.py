import ray


class Counted:
    def __init__(self):
        self.trips = 0

    def __reduce__(self):
        return _made, (self.trips + 1,)


def _made(trips):
    made = Counted()
    made.trips = trips
    return made


@ray.remote
def make():
    return {"of": [Counted()]}


@ray.remote
def trips(values):
    return values["of"][0].trips


def main():
    values = ray.get(make.remote())
    return ray.get(trips.remote(values)), ray.get(trips.remote(ray.get(make.remote())))


print(main())
