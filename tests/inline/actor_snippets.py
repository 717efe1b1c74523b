"""Snippets of actors, retries and sessions, each a small Ray program."""

import asyncio
import sys

import ray
from snippet_lines import final_outcome, last_line, outcome, show


def actors():
    @ray.remote
    class Counter:
        """Counts."""

        start = 10

        def __init__(self, first=0, *, step=1):
            self.total, self.step = first, step

        def add(self, n=1):
            self.total += n * self.step
            return self.total

        @ray.method(num_returns=2)
        def pair(self):
            return self.total, self.start

        def fail(self):
            self.total = -1
            raise KeyError("gone")

        def me(self):
            return ray.get_runtime_context().current_actor

        @staticmethod
        def static(x):
            return x + 1

        @classmethod
        def klass(cls, x):
            return cls.start + x

    counter = Counter.options(num_cpus=0).remote(ray.put(1), step=2)
    show(ray.get([counter.add.remote(i) for i in range(3)]), ray.get(counter.pair.remote()))
    show(outcome(lambda: ray.get(counter.fail.remote())), ray.get(counter.add.remote()))
    show(ray.get(counter.static.remote(1)), ray.get(counter.klass.remote(1)), ray.get(counter.me.remote()) == counter)
    show(counter == counter, len({counter, counter}), ray.get(counter.add.options(num_returns=1).remote(ray.put(4))))
    show(ray.get(counter.__ray_ready__.remote()))
    show(ray.get(counter.__ray_call__.remote(lambda self, x: self.total + x, 1)))

    @ray.remote
    def through(handle, nested):
        return ray.get(handle.add.remote(5)), ray.get(nested[0].add.remote(5))

    show(ray.get(through.remote(counter, [counter])))

    class Base:
        def hello(self):
            return "hello"

    @ray.remote
    class Child(Base):
        def hello(self):
            return super().hello() + " child"

    show(ray.get(Child.remote().hello.remote()), ray.get(ray.remote(Base).remote().hello.remote()))


def actor_ends():
    @ray.remote
    class Fragile:
        def __init__(self, ok=True):
            if not ok:
                raise ValueError("not ok")

        def work(self):
            return 1

        def exits(self):
            ray.actor.exit_actor()

        def leaves(self):
            sys.exit(0)

    broken = Fragile.remote(False)
    show(outcome(lambda: ray.get(broken.work.remote())), last_line(lambda: ray.get(broken.work.remote())))
    killed = Fragile.remote()
    show(ray.get(killed.work.remote()))
    ray.kill(killed)
    show(final_outcome(lambda: ray.get(killed.work.remote())))
    ended = Fragile.remote()
    done = ended.work.remote()
    show(outcome(lambda: ray.get(ended.__ray_terminate__.remote())), ray.get(done))
    show(final_outcome(lambda: ray.get(ended.work.remote())))
    exiting, leaving = Fragile.remote(), Fragile.remote()
    show(outcome(lambda: ray.get(exiting.exits.remote())), outcome(lambda: ray.get(leaving.leaves.remote())))

    @ray.remote
    def use(x):
        return x

    show(outcome(lambda: ray.get(use.remote(broken.work.remote()))))
    failing_argument = Fragile.remote(use.remote(broken.work.remote()))
    show(outcome(lambda: ray.get(failing_argument.work.remote())))


def named_actors():
    @ray.remote
    class Box:
        def __init__(self):
            self.items = []

        def put(self, item):
            self.items.append(item)
            return len(self.items)

    box = Box.options(name="box").remote()
    show(ray.get(box.put.remote(1)), ray.get(ray.get_actor("box").put.remote(2)), ray.get_actor("box") == box)
    show(outcome(lambda: Box.options(name="box").remote()))
    again = Box.options(name="box", get_if_exists=True).remote()
    show(ray.get(again.put.remote(3)))

    @ray.remote
    def find():
        return ray.get(ray.get_actor("box").put.remote(4))

    show(ray.get(find.remote()))
    detached = Box.options(name="kept", lifetime="detached").remote()
    del detached
    show(ray.get(ray.get_actor("kept").put.remote(1)))
    ray.kill(ray.get_actor("kept"))


def async_actors():
    @ray.remote
    class Signal:
        def __init__(self):
            self.event = asyncio.Event()
            self.log = []

        async def wait(self, name):
            self.log.append(f"{name} waits")
            await self.event.wait()
            self.log.append(f"{name} goes")
            return name

        async def send(self):
            self.event.set()

        async def call(self, other):
            return await other.where.remote() + 1

        def lines(self):
            return self.log

    @ray.remote
    class Other:
        async def where(self):
            await asyncio.sleep(0.01)
            return 41

    @ray.remote
    def after(x):
        return x + "!"

    signal, other = Signal.remote(), Other.remote()
    waits = [signal.wait.remote("a"), signal.wait.remote("b")]
    dependent = after.remote(waits[0])
    show(len(ray.wait(waits, num_returns=2, timeout=0.5)[0]))
    signal.send.remote()
    show(ray.get(waits), sorted(ray.get(signal.lines.remote())), ray.get(dependent), ray.get(signal.call.remote(other)))

    async def main():
        first = await after.remote("x")
        return first, await asyncio.gather(*[after.remote(str(i)) for i in range(3)]), await other.where.remote()

    show(asyncio.run(main()), other.where.remote().future().result())


def re_entrance():
    @ray.remote
    class Parent:
        def __init__(self):
            self.log = []

        def start(self, child, me):
            self.log.append("start")
            child.work.remote(me)
            self.log.append("end")
            return ray.get(child.idle.remote())

        def notify(self, what):
            self.log.append(what)

        def lines(self):
            return self.log

    @ray.remote
    class Child:
        def work(self, parent):
            parent.notify.remote("notified")

        def idle(self):
            return "idle"

    parent, child = Parent.remote(), Child.remote()
    show(ray.get(parent.start.remote(child, parent)))
    # The child's call comes by a way of its own, and may come behind ours.
    while len(lines := ray.get(parent.lines.remote())) < 3:
        pass
    show(lines)


def retries():
    @ray.remote
    class Tries:
        def __init__(self):
            self.n = 0

        def next(self):
            self.n += 1
            return self.n

    @ray.remote(max_retries=3, retry_exceptions=[ValueError])
    def flaky(tries):
        if ray.get(tries.next.remote()) < 3:
            raise ValueError("again")
        return "done"

    @ray.remote
    def plain(tries):
        if ray.get(tries.next.remote()) < 3:
            raise ValueError("again")

    show(ray.get(flaky.remote(Tries.remote())), outcome(lambda: ray.get(plain.remote(Tries.remote()))))
    show(ray.get(flaky.options(retry_exceptions=True).remote(Tries.remote())))
    show(outcome(lambda: ray.get(flaky.options(retry_exceptions=[KeyError]).remote(Tries.remote()))))


def session():
    show(ray.is_initialized(), outcome(lambda: ray.init()), len(ray.nodes()), ray.cluster_resources()["CPU"])
    context = ray.get_runtime_context()
    show(context.get_actor_id(), context.get_task_id(), len(context.get_node_id()), len(context.get_job_id()))

    @ray.remote
    class Where:
        def ids(self):
            context = ray.get_runtime_context()
            return len(context.get_actor_id()), len(context.get_task_id()), context.get_actor_name()

    show(ray.get(Where.options(name="w").remote().ids.remote()), ray.get_gpu_ids())

    @ray.remote
    def state():
        return ray.is_initialized()

    show(ray.get(state.remote()))


def utilities():
    from ray.util import ActorPool
    from ray.util.queue import Queue
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    @ray.remote
    class Double:
        def run(self, x):
            return 2 * x

    pool = ActorPool([Double.remote(), Double.remote()])
    show(list(pool.map(lambda actor, x: actor.run.remote(x), range(4))))
    queue = Queue(maxsize=2)
    queue.put("a")
    queue.put("b")
    show(queue.full(), queue.get(), queue.qsize(), outcome(lambda: [queue.put("c"), queue.put("d", block=False)])[0])

    @ray.remote
    def here():
        return "here"

    strategy = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
    show(ray.get(here.options(scheduling_strategy=strategy).remote()))
    show(ray.get(here.options(scheduling_strategy="SPREAD").remote()))
