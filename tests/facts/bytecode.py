"""Reaching definitions as CPython's own compiler has them: a data-flow analysis of the bytecode of a file.

It shares nothing with the analysis under test: control flow, the copies of `finally` bodies and the ranges of exception
handlers are those of the compiler.
"""

from __future__ import annotations

import dis
import sys
import types
from collections.abc import Iterator

SUPPORTED = (3, 11) <= sys.version_info[:2] <= (3, 12)
ENTRY = -1  # the line of the definition that a name has when its code starts
Use = tuple[str, int, int]  # name, line, column in bytes
Pairs = dict[Use, set[int]]  # the lines of the definitions that may reach a use

_STORES = {"STORE_FAST", "STORE_DEREF", "STORE_NAME", "DELETE_FAST", "DELETE_DEREF", "DELETE_NAME"}
_LOADS = {"LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_DEREF", "LOAD_NAME"}
_LEAVE = {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "INTERPRETER_EXIT"}
_JUMPS = {"JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"}
_QUIET = {
    "STORE_FAST",
    "STORE_DEREF",
    "STORE_NAME",
    "LOAD_CONST",
    "LOAD_FAST",
    "NOP",
    "POP_TOP",
    "PUSH_EXC_INFO",
    "POP_EXCEPT",
    "COPY",
    "SWAP",
}


def reaching(code: types.CodeType) -> Pairs:
    """For every read of a name in the functions and the module of some code, the lines that may have bound it."""
    found: Pairs = {}
    for each in _codes(code):
        _solve(each, found)
    return found


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _solve(code: types.CodeType, found: Pairs) -> None:
    instructions = list(dis.get_instructions(code))
    index = {instruction.offset: number for number, instruction in enumerate(instructions)}
    following = [_following(number, instructions, index) for number in range(len(instructions))]
    handlers: list[list[int]] = [[] for _ in instructions]
    for entry in dis._parse_exception_table(code):  # type: ignore[attr-defined]
        for offset in range(entry.start, entry.end, 2):
            number = index.get(offset)
            if number is not None and instructions[number].opname not in _QUIET:
                handlers[number].append(index[entry.target])
    names = {i.argval for i in instructions if i.opname in _STORES | _LOADS}
    states: list[dict[str, frozenset[int]] | None] = [None] * len(instructions)
    states[0] = {name: frozenset({ENTRY}) for name in names}
    work = [0]
    while work:
        number = work.pop()
        instruction, state = instructions[number], states[number]
        assert state is not None
        after = state
        if instruction.opname in _STORES:
            after = {**state, instruction.argval: frozenset({_line(instruction)})}
        flows = [(each, after) for each in following[number]] + [(each, state) for each in handlers[number]]
        if instruction.opname in _STORES:
            flows += [(each, after) for each in handlers[number]]
        for target, incoming in flows:
            joined = _join(states[target], incoming)
            if joined is not states[target]:
                states[target] = joined
                work.append(target)
    for instruction, state in zip(instructions, states, strict=True):
        position = instruction.positions
        # What a nested scope or a comprehension reads of the scope around it is bound elsewhere.
        if instruction.argval in code.co_freevars:
            continue
        if instruction.opname in _LOADS and state is not None and position is not None:
            if position.lineno is not None and position.col_offset is not None:
                use = (instruction.argval, position.lineno, position.col_offset)
                found.setdefault(use, set()).update(state[instruction.argval])


def _line(instruction: dis.Instruction) -> int:
    return (instruction.positions.lineno if instruction.positions else None) or 0


def _following(number: int, instructions: list[dis.Instruction], index: dict[int, int]) -> list[int]:
    instruction = instructions[number]
    found = []
    if instruction.opcode in dis.hasjrel or instruction.opcode in dis.hasjabs:
        found.append(index[instruction.argval])
    if instruction.opname not in _LEAVE | _JUMPS and number + 1 < len(instructions):
        found.append(number + 1)
    return found


def _join(old: dict[str, frozenset[int]] | None, new: dict[str, frozenset[int]]) -> dict[str, frozenset[int]] | None:
    if old is None:
        return dict(new)
    if all(new[name] <= old[name] for name in new):
        return old
    return {name: old[name] | new[name] for name in new}
