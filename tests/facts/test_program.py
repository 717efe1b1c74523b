"""Tasks and actors that a driver imports are found by reading the files beside it, or are not visible."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from rayinfer.compiler import Compiled, compile_source, explain_text

TASKS = """\
import ray


@ray.remote
def f(x):
    return x


@ray.remote(num_returns=2)
def pair(x):
    return x, x


@ray.remote
def stream(x):
    yield x


@ray.remote
class Worker:
    def run(self):
        return 1


def plain(x):
    return x


g = ray.remote(plain)
"""
CALL = "    return ray.get([{callee}.remote(x) for x in range(3)])\n"


def driver(imports: str, callee: str = "f") -> str:
    """A program that submits a group of `callee` in a function."""
    return f"import ray\n{imports}\n\n\ndef main():\n{CALL.format(callee=callee)}"


def compiled(files: Mapping[str, str], path: str = "main.py") -> Compiled:
    """One of some files through the compiler, which can read the others."""
    data = {name: text.encode() for name, text in files.items()}
    return compile_source(data[path], path, data.get)


def seen(files: Mapping[str, str], path: str = "main.py") -> list[str]:
    """The nodes inferred, and the codes of what is not."""
    return told(compiled(files, path))


def told(result: Compiled) -> list[str]:
    """The same for an outcome."""
    nodes = [group.node for group in result.groups if group.status == "inferred"]
    return nodes + [remark.code for remark in result.remarks if remark.kind == "missed"]


IMPORTS = {
    "from tasks import f": "f",
    "from tasks import f as step": "step",
    "import tasks": "tasks.f",
    "import tasks as t": "t.f",
    "from tasks import g": "g",
    "import tasks\nf = tasks.f": "f",
    "from tasks import f\nfrom tasks import g as f": "f",
    "from tasks import f\nstep = f": "step",
    "from tasks import *": "f",
    "from tasks import *\nimport ray": "f",
    "from tasks import *\nfrom tasks import *": "f",
    "from tasks import *\nfrom tasks import f": "f",
    "from tasks import *\nstep = f": "step",
}


@pytest.mark.parametrize("imports", IMPORTS)
def test_a_task_of_a_module_beside_the_driver(imports: str) -> None:
    assert seen({"main.py": driver(imports, IMPORTS[imports]), "tasks.py": TASKS}) == ["Map"]


def test_an_import_in_a_function() -> None:
    text = f"import ray\n\n\ndef main():\n    from tasks import f\n{CALL.format(callee='f')}"
    assert seen({"main.py": text, "tasks.py": TASKS}) == ["Map"]


def test_an_actor_class_and_its_methods() -> None:
    text = driver("from tasks import Worker", "Worker").replace("ray.get(", "(")
    assert seen({"main.py": text, "tasks.py": TASKS}) == ["InitActors"]


@pytest.mark.parametrize(("callee", "found"), [("pair", "Map"), ("stream", "RI106")])
def test_several_returns_are_seen(callee: str, found: str) -> None:
    assert seen({"main.py": driver(f"from tasks import {callee}", callee), "tasks.py": TASKS}) == [found]


PACKAGES = {
    "a module of a package": ("from pkg.steps import f", "f", {"pkg/__init__.py": "", "pkg/steps.py": TASKS}),
    "a module by its full name": (
        "import pkg.steps",
        "pkg.steps.f",
        {"pkg/__init__.py": "", "pkg/steps.py": TASKS},
    ),
    "a module under another name": (
        "import pkg.steps as s",
        "s.f",
        {"pkg/__init__.py": "", "pkg/steps.py": TASKS},
    ),
    "a module taken from its package": (
        "from pkg import steps",
        "steps.f",
        {"pkg/__init__.py": "", "pkg/steps.py": TASKS},
    ),
    "a package's own task": ("from pkg import f", "f", {"pkg/__init__.py": TASKS}),
    "a package before a module": ("from pkg import f", "f", {"pkg/__init__.py": TASKS, "pkg.py": "f = 1\n"}),
    "a re-export": ("from pkg import f", "f", {"pkg/__init__.py": "from .steps import f\n", "pkg/steps.py": TASKS}),
    "a re-export under another name": (
        "from pkg import g",
        "g",
        {"pkg/__init__.py": "from .steps import f as g\n", "pkg/steps.py": TASKS},
    ),
    "a re-export by assignment": (
        "import pkg",
        "pkg.g",
        {"pkg/__init__.py": "from . import steps\ng = steps.f\n", "pkg/steps.py": TASKS},
    ),
    "a star import of a package": (
        "from pkg import *",
        "f",
        {"pkg/__init__.py": "from .steps import f\n__all__ = ['f']\n", "pkg/steps.py": TASKS},
    ),
    "a star import of a module of a package": (
        "from pkg.steps import *",
        "f",
        {"pkg/__init__.py": "", "pkg/steps.py": TASKS + "__all__ = ('f', 'g')\n"},
    ),
    "a re-exported module": (
        "import pkg",
        "pkg.steps.f",
        {"pkg/__init__.py": "from . import steps\n", "pkg/steps.py": TASKS},
    ),
    "a task named like its module": (
        "from pkg import f",
        "f",
        {"pkg/__init__.py": "from .f import f\n", "pkg/f.py": TASKS},
    ),
    "a chain of re-exports": (
        "from pkg import f",
        "f",
        {
            "pkg/__init__.py": "from .api import f\n",
            "pkg/api.py": "from .inner import *\nfrom .inner.deep import step as f\n",
            "pkg/inner/__init__.py": "",
            "pkg/inner/deep.py": "from ..steps import f as step\n",
            "pkg/steps.py": "from tasks import f\n",
            "tasks.py": TASKS,
        },
    ),
    "modules that import one another": (
        "from one import f",
        "f",
        {"one.py": "from two import f\n", "two.py": f"import one\n{TASKS}"},
    ),
}


@pytest.mark.parametrize("case", PACKAGES.values(), ids=PACKAGES.keys())
def test_packages_and_chains(case: tuple[str, str, dict[str, str]]) -> None:
    imports, callee, files = case
    assert seen({"main.py": driver(imports, callee), **files}) == ["Map"]


RELATIVE = {
    "from .tasks import f": "f",
    "from . import tasks": "tasks.f",
    "from ..common.tasks import f": "f",
    "from .. import common": "common.f",
    "from app.common.tasks import f": "f",
    "import app.common.tasks": "app.common.tasks.f",
}


@pytest.mark.parametrize("imports", RELATIVE)
@pytest.mark.parametrize("above", ["", "/home/user/", "../", "./"])
def test_a_driver_inside_a_package(imports: str, above: str) -> None:
    files = {
        "app/__init__.py": "",
        "app/common/__init__.py": "from .tasks import f\n",
        "app/common/tasks.py": TASKS,
        "app/jobs/__init__.py": "",
        "app/jobs/tasks.py": TASKS,
        "app/jobs/main.py": driver(imports, RELATIVE[imports]),
    }
    assert seen({above + path: text for path, text in files.items()}, f"{above}app/jobs/main.py") == ["Map"]


def test_a_driver_in_the_working_folder_inside_a_package() -> None:
    files = {"main.py": driver("from ..other import f"), "__init__.py": "", "../__init__.py": "", "../other.py": TASKS}
    assert seen(files) == ["Map"]


NOT_VISIBLE = {
    "no such file": ("from tasks import f", "f", {}),
    "a file that does not parse": ("from tasks import f", "f", {"tasks.py": TASKS + "def (:\n"}),
    "bytes that are no text": ("from tasks import f", "f", {"tasks.py": TASKS + "# \udcff\n"}),
    "bound again": ("from tasks import f", "f", {"tasks.py": TASKS + "f = print\n"}),
    "bound again in a function": (
        "from tasks import f",
        "f",
        {"tasks.py": TASKS + "def reset():\n    global f\n    f = None\n"},
    ),
    "deleted": ("from tasks import f", "f", {"tasks.py": TASKS + "del f\n"}),
    "under a condition": (
        "from tasks import f",
        "f",
        {"tasks.py": "import ray\nif ray:\n    @ray.remote\n    def f(x):\n        return x\n"},
    ),
    "in a try": (
        "from tasks import f",
        "f",
        {"tasks.py": "import ray\ntry:\n    @ray.remote\n    def f(x):\n        return x\nexcept OSError:\n    pass\n"},
    ),
    "only in a function": (
        "from tasks import f",
        "f",
        {"tasks.py": "import ray\ndef make():\n    @ray.remote\n    def f(x):\n        return x\n    return f\n"},
    ),
    "under a main guard": (
        "from tasks import f",
        "f",
        {
            "tasks.py": TASKS.replace("@ray.remote\ndef f(x):\n    return x\n", "")
            + "if __name__ == '__main__':\n    f = g\n"
        },
    ),
    "not remote": ("from tasks import plain", "plain", {"tasks.py": TASKS}),
    "another decorator outermost": (
        "from tasks import f",
        "f",
        {"tasks.py": TASKS.replace("@ray.remote\ndef f", "@print\n@ray.remote\ndef f")},
    ),
    "names bound by exec": ("from tasks import f", "f", {"tasks.py": TASKS + "exec('f = 1')\n"}),
    "names bound by globals": ("from tasks import f", "f", {"tasks.py": TASKS + "globals()['f'] = 1\n"}),
    "a star import after it": ("from tasks import f", "f", {"tasks.py": TASKS + "from elsewhere import *\n"}),
    "a star import of it": ("from tasks import f", "f", {"tasks.py": "from steps import *\n", "steps.py": TASKS}),
    "a module with names of its own making": (
        "from pkg import steps",
        "steps.f",
        {"pkg/__init__.py": "def __getattr__(name):\n    return name\n", "pkg/steps.py": TASKS},
    ),
    "ray is not Ray": ("from tasks import f", "f", {"tasks.py": TASKS.replace("import ray", "from fake import ray")}),
    "a module of the standard library": ("from queue import f", "f", {"queue.py": TASKS}),
    "no regular package": ("from pkg.steps import f", "f", {"pkg/steps.py": TASKS}),
    "a name and a module of one name": (
        "from pkg import f",
        "f",
        {"pkg/__init__.py": "from .steps import f\n", "pkg/f.py": "x = 1\n", "pkg/steps.py": TASKS},
    ),
    "a module that nothing has loaded": (
        "import pkg",
        "pkg.steps.f",
        {"pkg/__init__.py": "", "pkg/steps.py": TASKS},
    ),
    "a cycle of re-exports": (
        "from one import f",
        "f",
        {"one.py": "from two import f\n", "two.py": "from one import f\n"},
    ),
    "a relative import of a script": ("from .tasks import f", "f", {"tasks.py": TASKS}),
    "bound again to something else in the driver": (
        "from tasks import f\nfrom other import f",
        "f",
        {"tasks.py": TASKS, "other.py": "f = 1\n"},
    ),
    "set by the driver": ("import tasks\ntasks.f = print", "tasks.f", {"tasks.py": TASKS}),
    "set by the driver by name": ("import tasks\nsetattr(tasks, 'f', print)", "tasks.f", {"tasks.py": TASKS}),
    "deleted by the driver": ("import tasks\ndel tasks.f", "tasks.f", {"tasks.py": TASKS}),
    "set by a loop of the driver": ("import tasks\nfor tasks.f in (1, 2):\n    pass", "tasks.f", {"tasks.py": TASKS}),
    "under a condition in the driver": ("if ray:\n    from tasks import f", "f", {"tasks.py": TASKS}),
    "a star import that leaves it out": ("from tasks import *", "f", {"tasks.py": TASKS + "__all__ = ['g']\n"}),
    "a star import with more names": (
        "from tasks import *",
        "f",
        {"tasks.py": TASKS + "__all__ = ['f']\n__all__ += ['range']\n"},
    ),
    "a star import of a package that does not say what it exports": (
        "from pkg import *",
        "f",
        {"pkg/__init__.py": "from .steps import f\n", "pkg/steps.py": TASKS},
    ),
    "two star imports that differ": (
        "from tasks import *\nfrom other import *",
        "f",
        {"tasks.py": TASKS, "other.py": "import ray\n@ray.remote\ndef f(x):\n    return -x\n"},
    ),
    "a star import that is not found": ("from tasks import *\nfrom other import *", "f", {"tasks.py": TASKS}),
    "a star import of a private name": (
        "from tasks import *",
        "_f",
        {"tasks.py": TASKS + "_f = f\n"},
    ),
    "a star import under a condition": ("if ray:\n    from tasks import *", "f", {"tasks.py": TASKS}),
    "a member of an object": ("from tasks import f", "f.g", {"tasks.py": TASKS}),
}


@pytest.mark.parametrize("case", NOT_VISIBLE.values(), ids=NOT_VISIBLE.keys())
def test_what_is_not_visible(case: tuple[str, str, dict[str, str]]) -> None:
    imports, callee, files = case
    data = {name: text.encode(errors="surrogateescape") for name, text in files.items()}
    result = compile_source(driver(imports, callee).encode(), "main.py", data.get)
    alone = compile_source(driver(imports, callee).encode(), "main.py")
    assert (result.output, told(result)) == (alone.output, told(alone))


def test_builtins_and_modules_beside_a_star_import() -> None:
    text = (
        "import ray\nfrom tasks import *\n\n\ndef main():\n    xs = [f.remote(i) for i in range(3)]\n"
        "    ys = [f.remote(i) for i in range(3)]\n    return xs, ys\n"
    )
    together = "evaluate refs=[xs, ys]"
    shown = explain_text(compiled({"main.py": text, "tasks.py": TASKS}))
    assert together in shown and "Map(f, 3, (i))" in shown
    assert together not in explain_text(compiled({"main.py": text, "tasks.py": TASKS + "def range(n):\n    pass\n"}))
    assert together not in explain_text(compiled({"main.py": text, "tasks.py": TASKS + "from more import *\n"}))
    assert together not in explain_text(compiled({"main.py": text}))
    other = compiled({"main.py": text, "tasks.py": "class ray:\n    pass\n"})
    assert [group.status for group in other.groups] == ["inferred"] * 2, "its refs are taken as they come"
    got = text.replace("return xs, ys", "return ray.get(xs)")
    assert "ray.get" in explain_text(compiled({"main.py": got, "tasks.py": TASKS}))
    assert "ray.get:" not in explain_text(compiled({"main.py": got, "tasks.py": "class ray:\n    pass\n"}))


def test_one_name_in_two_places() -> None:
    files = {"app/__init__.py": "", "app/main.py": driver("from tasks import f"), "tasks.py": TASKS}
    assert seen(files, "app/main.py") == ["Map"]
    without = compile_source(files["app/main.py"].encode(), "app/main.py")
    assert compiled({**files, "app/tasks.py": TASKS}, "app/main.py") == without


def test_a_sibling_is_read_only_where_its_names_are_called() -> None:
    asked: list[str] = []

    def read(path: str) -> None:
        asked.append(path)

    text = driver("import numpy\nfrom tasks import f\nfrom other import value").encode()
    compile_source(text, "main.py", read)
    assert asked and all("tasks" in path or path == "__init__.py" for path in asked)
    asked.clear()
    compile_source(b"import ray\nfrom tasks import f\nprint(f)\n", "main.py", read)
    assert asked == []
