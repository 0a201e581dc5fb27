"""Texts that a pattern may find hard, made of the pattern itself.

Of each part that may repeat, the text around it is written out, and in its place stand many of what it repeats, or
many of any one character that the pattern names; the end is then spoilt, so that a pattern that can retry does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_REPEATS = {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}
_MANY = 20
"""Rounds up to which a repetition is no run."""
_ANY = "a0 A-.,;_~\u00e9\t"
_CATEGORIES = {sre.CATEGORY_DIGIT: "0", sre.CATEGORY_SPACE: " ", sre.CATEGORY_WORD: "a", sre.CATEGORY_NOT_SPACE: "a"}
_SPOILERS = ("", "\x01", " x", "\nx")
_MOST_CHARACTERS = 10


def hard_texts(pattern: str, length: int) -> list[str]:
    """Texts of about a length, each once."""
    # Java's spellings of what Python's parser of patterns spells otherwise.
    spelled = re.sub(r"\\x\{([0-9a-f]+)\}", lambda found: f"\\x{int(found[1], 16):02x}", pattern)
    tree = parser.parse(spelled.replace(r"\z", r"\Z"))
    runs = list(_runs(tree))
    characters = list(dict.fromkeys(_characters(tree)))[:_MOST_CHARACTERS]
    texts = {}
    for run in runs:
        for optional in (0, 1):
            for content in (None, *characters):
                texts.update(
                    dict.fromkeys(_Writer(run, content, length, optional).write(tree) + end for end in _SPOILERS)
                )
    for first in characters:
        for second in characters:
            many = (first + second) * (length // 2)
            texts.update(dict.fromkeys((many, "x" + many + "\x01")))
    whole = _Writer(None, None, length, 1).write(tree) or "x"
    texts.update(dict.fromkeys((whole * (length // len(whole)), whole[:-1] * (length // len(whole)))))
    return list(texts)


@dataclass
class _Writer:
    """Writes a text that a parsed pattern fits."""

    run: Any
    content: str | None
    length: int
    optional: int
    groups: dict[int, str] = field(default_factory=dict)

    def write(self, tree: Any) -> str:
        return "".join(self._part(operation, argument) for operation, argument in tree)

    def _part(self, operation: Any, argument: Any) -> str:
        if operation in _REPEATS:
            return self._repeat(argument)
        if operation is sre.SUBPATTERN:
            self.groups[argument[0]] = self.write(argument[3])
            return self.groups[argument[0]]
        if operation is sre.ATOMIC_GROUP:
            return self.write(argument)
        if operation is sre.BRANCH:
            holding = [branch for branch in argument[1] if any(run is self.run for run in _runs(branch))]
            return self.write((holding or argument[1])[0])
        if operation is sre.GROUPREF:
            return self.groups.get(argument, "")
        return str(next(_of(operation, argument), ""))

    def _repeat(self, argument: Any) -> str:
        least, _, repeated = argument
        if argument is not self.run:
            return self.write(repeated) * int(max(least, self.optional))
        once: str = self.content or "".join(map(self.write, _alternatives(repeated))) or "x"
        return once * (self.length // len(once))


def _alternatives(tree: Any) -> list[Any]:
    if len(tree) == 1 and tree[0][0] is sre.BRANCH:
        return list(tree[0][1][1])
    return [tree]


def _children(operation: Any, argument: Any) -> list[Any]:
    if operation in _REPEATS:
        return [argument[2]]
    if operation is sre.SUBPATTERN:
        return [argument[3]]
    if operation is sre.ATOMIC_GROUP:
        return [argument]
    if operation is sre.BRANCH:
        return list(argument[1])
    return [argument[1]] if operation in {sre.ASSERT, sre.ASSERT_NOT} else []


def _runs(tree: Any) -> Iterator[Any]:
    for operation, argument in tree:
        if operation in _REPEATS and argument[1] > _MANY:
            yield argument
        for child in _children(operation, argument):
            yield from _runs(child)


def _characters(tree: Any) -> Iterator[str]:
    for operation, argument in tree:
        yield from _of(operation, argument)
        for child in _children(operation, argument):
            yield from _characters(child)


def _of(operation: Any, argument: Any) -> Iterator[str]:
    """Characters that a part stands for: all that are named, or one of those that are not."""
    if operation is sre.LITERAL:
        yield chr(argument)
    elif operation is sre.NOT_LITERAL:
        yield from (c for c in _ANY if c != chr(argument))
    elif operation is sre.ANY:
        yield "a"
    elif operation is sre.IN:
        named = list(_named(argument))
        if argument[0][0] is sre.NEGATE:
            inside = re.compile("|".join(map(_class, argument[1:])))
            yield from [c for c in _ANY if not inside.match(c)][:2]
        yield from named if argument[0][0] is not sre.NEGATE else ()


def _named(members: Any) -> Iterator[str]:
    for kind, value in members:
        if kind is sre.LITERAL:
            yield chr(value)
        elif kind is sre.RANGE:
            yield chr(value[0])
        elif kind is sre.CATEGORY:
            yield _CATEGORIES[value]


def _class(member: Any) -> str:
    kind, value = member
    if kind is sre.LITERAL:
        return re.escape(chr(value))
    if kind is sre.RANGE:
        return f"[{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}]"
    return {sre.CATEGORY_DIGIT: r"\d", sre.CATEGORY_SPACE: r"\s", sre.CATEGORY_WORD: r"\w"}[value]
