"""How many members take the result of one task: said where it is known before they are made."""

import pytest

from rayinfer.compiler import compile_source

HEAD = "import ray\nimport time\n\n@ray.remote\ndef f(*x):\n    return x\n\nN = 3\n\n"
TAKEN = "    refs = [f.remote(one) for _ in range({0})]\n    print(ray.get(refs))\n"


def _said(body: str) -> str:
    text = f"{HEAD}def main(args, given):\n{body}\n\nmain(None, 2)\n"
    output = compile_source(text.encode(), "script.py").output.decode()
    assert "ri.Broadcast(f, " in output
    return output.split("ri.Broadcast(f, ")[1].split(")")[0]


@pytest.mark.parametrize("bound", ["8", "n", "given", "N"])
def test_a_number_or_a_name_that_has_its_value_is_said(bound: str) -> None:
    assert _said("    n = given + 1\n    one = f.remote()\n    time.sleep(0)\n" + TAKEN.format(bound)) == bound


def test_the_first_of_several_groups_is_said() -> None:
    body = "    n, m = 2, 3\n    one = f.remote()\n    time.sleep(0)\n" + TAKEN.format("m") + TAKEN.format("n")
    assert _said(body) == "m"


@pytest.mark.parametrize(
    "body",
    [
        "    one = f.remote()\n    time.sleep(0)\n    n = 3\n" + TAKEN.format("n"),
        "    n = 3\n    one = f.remote()\n    time.sleep(0)\n    n = 4\n" + TAKEN.format("n"),
        "    n = 3\n    one = f.remote()\n    for n in (1, 2):\n    "
        + TAKEN.format("n").replace("\n    p", "\n        p"),
        "    if given:\n        n = 3\n    one = f.remote()\n    time.sleep(0)\n" + TAKEN.format("n"),
        "    n = 3\n    one = f.remote()\n    del n\n    time.sleep(0)\n    n = 3\n" + TAKEN.format("n"),
        "    n = 3\n    def more():\n        nonlocal n\n        n += 1\n    one = f.remote()\n    more()\n"
        + TAKEN.format("n"),
        "    one = f.remote()\n    time.sleep(0)\n" + TAKEN.format("args.n"),
        "    one = f.remote()\n    time.sleep(0)\n" + TAKEN.format("given + 1"),
        "    one = f.remote()\n    time.sleep(0)\n    refs = [f.remote(one) for i in range(given) if i]\n",
    ],
)
def test_what_might_raise_or_be_another_number_is_not_evaluated_early(body: str) -> None:
    assert _said(body) == "1"


@pytest.mark.parametrize(
    ("head", "foot"),
    [
        ("", "N = 3\n"),
        ("N = 3\n", "N = 4\n"),
        ("if input():\n    N = 3\n", ""),
        ("N = 3\n", "del N\n"),
        ("N = 3\n", "def more():\n    global N\n    N = 'x'\n"),
        ("N = int(input())\n", ""),
        ("N, M = 3, 4\n", ""),
        ("N = 3\nfrom names import *\n", ""),
        ("class A:\n    N = 3\n", ""),
        ("def N():\n    pass\n", ""),
    ],
)
def test_a_name_of_the_module_that_may_be_missing_or_another_is_not_read_early(head: str, foot: str) -> None:
    code = "def main():\n    one = f.remote()\n    time.sleep(0)\n" + TAKEN.format("N") + "\n"
    text = HEAD.replace("N = 3\n", head) + code + foot + "main()\n"
    assert ", N" not in compile_source(text.encode(), "script.py").output.decode().split("ri.Broadcast(f")[-1][:4]
