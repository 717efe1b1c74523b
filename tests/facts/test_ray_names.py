"""The table of Ray's names against the installed Ray, and each name through every way to import it."""

from __future__ import annotations

import importlib
import inspect
import types

import libcst as cst
import pytest

from rayinfer.facts.effects import describe_effect, impure_part
from rayinfer.facts.names import Names
from rayinfer.facts.ray_names import MEANINGS, drives, is_silent, meaning, why_it_ends
from rayinfer.facts.scopes import resolve
from rayinfer.facts.walk import walk

ray = pytest.importorskip("ray")

# What these modules offer to users, as far as it can be called or is a type.
_COVERED = ("ray", "ray.util.placement_group", "ray.util.scheduling_strategies", "ray.util.queue")
# Parts of those modules that are no API: imported from elsewhere, or of no use in a program that submits.
_NOT_OFFERED = {
    "ray.util.scheduling_strategies": {"SchedulingStrategyT"},
    "ray.util.placement_group": {"check_placement_group_index", "validate_placement_group"},
}
_FORMS = {
    "import ray": ("import ray", "ray.{0}"),
    "import ray as r": ("import ray as r", "r.{0}"),
    "from ray import name": ("from ray import {0}", "{0}"),
    "from ray import name as g": ("from ray import {0} as g", "g"),
    "alias of a name": ("import ray\ng = ray.{0}", "g"),
    "alias of an alias": ("import ray\nr = ray\ng = r.{0}\nh = g", "h"),
    "alias of the module": ("import ray as q\nr = q", "r.{0}"),
    "both in a try": ("try:\n import ray\nexcept ImportError:\n import ray", "ray.{0}"),
    "import of a part": ("import ray.util", "ray.{0}"),
}


def _names(text: str) -> tuple[Names, cst.BaseExpression]:
    """The names of a program, and the function that its last call calls."""
    module = cst.parse_module(text)
    calls = [node for node in walk(module) if isinstance(node, cst.Call)]
    return Names(module, resolve(module)), calls[-1].func


@pytest.mark.parametrize("name", MEANINGS)
def test_a_name_of_the_table_is_one_of_ray(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    found = importlib.import_module(module)
    assert hasattr(found, attribute) or attribute in found.__all__


@pytest.mark.parametrize("module", _COVERED)
def test_what_a_module_offers_is_in_the_table(module: str) -> None:
    found = importlib.import_module(module)
    listed = getattr(found, "__all__", None)
    if listed is None:
        own = inspect.getmembers(found, lambda value: getattr(value, "__module__", None) == module)
        listed = [name for name, _ in own if not name.startswith("_")]
    offered = {name for name in listed if not isinstance(vars(found).get(name), types.ModuleType)}
    missing = {
        name
        for name in offered - _NOT_OFFERED.get(module, set())
        if meaning(f"{module}.{name}") is None and not name.startswith("_")
    }
    assert missing <= {"autoscaler", "data", "internal", "widgets", "workflow"}


@pytest.mark.parametrize("name", ["get", "wait", "put", "kill", "cancel", "remote", "method", "get_actor", "init"])
@pytest.mark.parametrize("form", _FORMS.values(), ids=_FORMS.keys())
def test_a_name_is_known_through_every_import(form: tuple[str, str], name: str) -> None:
    names, func = _names(f"{form[0].format(name)}\n{form[1].format(name)}(1)\n")
    assert names.dotted(func) == f"ray.{name}"


@pytest.mark.parametrize(
    "text",
    [
        "import ray\nray = 1\nray.get(1)",
        "def f(ray):\n ray.get(1)",
        "from other import ray\nray.get(1)",
        "from ray import *\nget(1)",
        "import ray\nif ray:\n g = ray.get\nelse:\n g = len\ng(1)",
        "import ray\ng = ray.get\ndef f():\n global g\n g = print\ng(1)",
        "from .ray import get\nget(1)",
        "import ray\ng = h\nh = g\ng(1)",
    ],
)
def test_a_name_that_may_be_something_else_is_not_known(text: str) -> None:
    names, func = _names(text + "\n")
    assert names.dotted(func) not in {"ray.get", "builtins.get"}


def test_only_what_neither_waits_nor_observes_may_stay_in_a_region() -> None:
    silent = {name for name in MEANINGS if is_silent(name)}
    assert "ray.put" in silent and "ray.ObjectRef" in silent
    ends = (
        "get wait kill cancel remote method get_actor nodes is_initialized available_resources init shutdown timeline"
    )
    assert silent.isdisjoint(f"ray.{name}" for name in ends.split())
    assert silent.isdisjoint({"ray.util.ActorPool", "ray.util.placement_group", "ray.util.queue.Queue"})


@pytest.mark.parametrize("name", ["ray.get", "ray.nodes", "ray.util.ActorPool", "ray.data.range", "ray.train.report"])
def test_a_region_ends_at_a_call_with_the_reason(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    text = f"from {module} import {attribute} as g\nx = g(1)\n"
    names, func = _names(text)
    call = next(node for node in walk(cst.parse_module(text)) if isinstance(node, cst.Call))
    assert names.dotted(func) == name
    own = next(node for node in walk(names._module) if isinstance(node, cst.Call))
    found = impure_part(own, names)
    assert found is own and call is not own
    assert describe_effect(own, names, lambda node: "code") == why_it_ends(name)
    assert why_it_ends(name).startswith(name)


def test_what_drives_ray_makes_a_script() -> None:
    assert all(drives(name) for name in ("ray.init", "ray.get", "ray.wait", "ray.shutdown"))
    assert not any(drives(name) for name in ("ray.remote", "ray.put", "ray.kill", "ray.ObjectRef", "builtins.len"))
