"""Drawings of the IR: each group and dependency once, and no text of the user's breaks out of its label."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from rayinfer.compiler import Compiled, compile_source, drawing
from rayinfer.ir.drawing import NOTHING, Box, Drawn, arrows_of, boxes_of, frames_of
from rayinfer.ir.graph import Block, Evaluation, Graph
from rayinfer.ir.nodes import All, Argument, Broadcast, Each, InitActors, Map, ReduceActors, Shared, Span, Value
from tests.corpus.golden import PROGRAMS, ROOT

STYLES = ("mermaid", "dot", "html")
NASTY = [
    "a[\"x\"] or 'y'",
    "n %% 2",
    "x < 1 & y > 2",
    "`f` #1; #quot;",
    "a\\nb\\",
    "]; end\nsubgraph evil",
    "</svg><b>",
    "é→Ω",
]


def graph_of(text: str) -> Graph:
    """A graph in which one text stands wherever the user's text can stand."""
    span = Span(3, 0, 3, 9)
    groups = (
        InitActors(0, text, text, text, (Argument(Value(text)),), span),
        Broadcast(1, None, text, None, (), span),
        Map(2, "a", text, text, (Argument(Shared((1,))), Argument(Value(text), "k"))),
        Map(3, "a", text, None, (Argument(Each((2, 3))),)),
        ReduceActors(4, None, text, None, (Argument(All((2, 3))),), span, actors=(0,)),
    )
    end = Evaluation(9, text, (text,), ())
    return Graph(text, 1, (*groups[:3], Block(text, (groups[3], end)), groups[4], end))


def plain(text: str) -> str:
    return " ".join(text.split())


def compiled_of(graph: Graph) -> Compiled:
    return Compiled("a<b>&.py", b"", b"", True, (), (graph,))


def outline(item: Drawn) -> object:
    """A drawing as nested lists of group numbers, each list with its frame's kind before it."""
    return item.group.id if isinstance(item, Box) else [item.kind, *map(outline, item.items)]


def test_regions_frame_what_is_pending_where_they_end() -> None:
    (function,) = frames_of([graph_of("x")])
    # The end of the loop's body submits what stands before the loop too.
    assert outline(function) == ["function", 0, 1, 2, ["block", ["region", 3]], ["region", 4]]
    assert function.items[-1].label == "evaluated at line 9: x"


def test_a_block_is_in_the_region_that_ends_after_it() -> None:
    first, second, third = (Map(number, None, "f", None) for number in range(3))
    end = Evaluation(9, "", (), ())
    inner = Block("if x:", (Block("for y in z:", (second,)), Block("else:", ())))
    (function,) = frames_of([Graph("main", 1, (first, inner, third, end, end))])
    assert outline(function) == ["function", ["region", 0, ["block", ["block", 1], ["block"]], 2]]


def test_arrows_are_the_dependencies_and_the_actors_of_calls() -> None:
    arrows = [(arrow.source, arrow.target, arrow.kind) for arrow in arrows_of([graph_of("x")])]
    assert arrows == [
        ("f0n1", "f0n2", "broadcast"),
        ("f0n2", "f0n3", "one-to-one"),
        ("f0n3", "f0n3", "one-to-one"),
        ("f0n2", "f0n4", "all-to-all"),
        ("f0n3", "f0n4", "all-to-all"),
        ("f0n0", "f0n4", "actors"),
    ]


def test_keys_of_several_functions_differ() -> None:
    graphs = [graph_of("x"), graph_of("x")]
    keys = [box.key for box in boxes_of(frames_of(graphs))]
    assert len(set(keys)) == 10
    assert {arrow.source for arrow in arrows_of(graphs)} | {arrow.target for arrow in arrows_of(graphs)} <= set(keys)


@pytest.mark.parametrize("text", NASTY)
def test_text_stays_inside_mermaid_labels(text: str) -> None:
    drawn, model = drawing(compiled_of(graph_of(text)), "mermaid"), drawing(compiled_of(graph_of("x")), "mermaid")
    assert without_labels(drawn) == without_labels(model)
    assert "%%" not in drawn
    assert plain(text) in unescaped(drawn)


def without_labels(mermaid: str) -> str:
    return re.sub(r'"[^"\n]*"', '""', mermaid)


def unescaped(mermaid: str) -> str:
    names = {"quot": '"', "lt": "<", "gt": ">", "amp": "&"}
    return re.sub(r"#(\w+);", lambda m: names.get(m[1]) or chr(int(m[1])), mermaid)


@pytest.mark.parametrize("text", NASTY)
def test_text_stays_inside_dot_labels(text: str) -> None:
    quoted = re.compile(r'"(?:[^"\\]|\\.)*"')
    drawn, model = drawing(compiled_of(graph_of(text)), "dot"), drawing(compiled_of(graph_of("x")), "dot")
    assert quoted.sub('""', drawn) == quoted.sub('""', model)
    assert plain(text) in drawn.replace('\\"', '"').replace("\\\\", "\\")


@pytest.mark.parametrize("text", NASTY)
def test_the_page_is_well_formed_and_needs_nothing_else(text: str) -> None:
    page = drawing(compiled_of(graph_of(text)), "html")
    svg = ET.fromstring(page[page.rindex("<svg xmlns") : page.rindex("</svg>") + 6])
    space = "{http://www.w3.org/2000/svg}"
    texts = [element.text for element in svg.iter(f"{space}text")]
    assert f"{text}, line 1" in texts
    assert len(svg.findall(f"{space}g")) == 5
    assert "<title>a&lt;b&gt;&amp;.py: inferred IR</title>" in page
    assert not re.search(r"<script|<link|src=|@import|url\(|</?b>", page)
    assert set(re.findall(r"https?://[^\"]*", page)) == {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("style", STYLES)
def test_a_file_without_groups_says_so(style: str) -> None:
    assert NOTHING in drawing(compile_source(b"import ray\n", "a.py"), style)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_every_group_of_the_corpus_is_drawn_once(program: str, style: str) -> None:
    compiled = compile_source((ROOT / program).read_bytes(), program)
    drawn = drawing(compiled, style)
    keys = [box.key for box in boxes_of(frames_of(compiled.graphs))]
    assert len(keys) == sum(len(graph.groups()) for graph in compiled.graphs)
    arrows = len(arrows_of(compiled.graphs))
    if style == "html":
        assert (drawn.count("<g><title>"), drawn.count(' d="M') >= arrows) == (len(keys), True)
    else:
        opening = {"mermaid": r"^ +{}[\[(]", "dot": r"^ +{} \["}[style]
        assert [len(re.findall(opening.format(key), drawn, re.MULTILINE)) for key in keys] == [1] * len(keys)
        assert drawn.count("|") == 2 * arrows if style == "mermaid" else drawn.count(" -> ") == arrows
