import ray


@ray.remote
class A:
    def __init__(self, x=0, peer=None):
        self.x = x

    def get(self):
        return self.x

    def meet(self, other):
        return ray.get(other.get.remote()) if other is not None else None


def serve(actors):
    refs = [a.meet.remote(None) for a in actors]
    own = [a.meet.remote(b) for a, b in zip(actors, actors[1:])]
    return ray.get(refs), ray.get(own)


first, second = A.remote(1), A.remote(2)
print(serve([first, second]))
