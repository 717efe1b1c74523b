"""What the snippets note, and how they note errors."""

import time

LINES = []


def show(*values):
    """Note a line; Ray's own words on standard output must not come between."""
    LINES.append(" ".join(map(str, values)))


def outcome(call):
    """What `call()` gives, or the types an error can be caught as and the last line of its text."""
    try:
        return call()
    except Exception as error:
        caught = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ in ("builtins", "ray.exceptions")]
        return type(error).__name__, [name for name in caught if "(" not in name and name != "object"]


def last_line(call):
    try:
        return call()
    except Exception as error:
        return str(error).splitlines()[-1]


def final_outcome(call):
    """What `call()` gives once the actor it calls is gone, which Ray ends in the background."""
    for _ in range(200):
        found = outcome(call)
        if isinstance(found, tuple):
            break
        time.sleep(0.05)
    return found
