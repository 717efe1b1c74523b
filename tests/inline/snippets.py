"""Small Ray programs whose printed lines must be the same on a cluster and inline: `python snippets.py real|inline`."""

import json
import sys

import actor_snippets as a
import ray
import task_snippets as t
from snippet_lines import LINES, show

SNIPPETS = [
    t.tasks_and_values, t.wrong_calls, t.copies, t.nested_refs, t.errors, t.many_returns, t.generators, t.waiting,
    a.actors, a.actor_ends, a.named_actors, a.async_actors, a.re_entrance, a.retries, a.session, a.utilities,
]  # fmt: skip


def run_all():
    """The printed lines of every snippet, by its name."""
    printed = {}
    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    for snippet in SNIPPETS:
        LINES.clear()
        try:
            snippet()
        except Exception as error:
            show("ended by", repr(error))
        printed[snippet.__name__] = list(LINES)
    ray.shutdown()
    return printed


if __name__ == "__main__":
    if sys.argv[1] == "inline":
        from rayinfer.runtime.inline import inline_ray

        with inline_ray():
            result = run_all()
    else:
        result = run_all()
    print(json.dumps(result))
