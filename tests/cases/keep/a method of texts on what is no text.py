import ray


@ray.remote
def f(*args):
    return args


class Ticket:
    def strip(self):
        print("stripped")
        return 1

    def split(self, by):
        print("split", by)
        return [by]

    def upper(self, what):
        return what


def stripped(ticket):
    return ray.get([f.remote(ticket.strip(), i) for i in range(2)])


def split(ticket):
    return ray.get([f.remote(ticket.split("x"), i) for i in range(2)])


def by_a_name(ticket, names):
    return ray.get([f.remote(ticket.upper(name)) for name in names])


print(stripped(Ticket()))
print(split(Ticket()))
print(by_a_name(Ticket(), "ab"))
