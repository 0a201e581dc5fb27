"""No text of a source can hold up a pattern or end its process: each is tried with texts made to be hard for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.patterns.engines import JavaEngine, PatternError, PythonEngine, java_engine
from tests.patterns.hard_texts import hard_texts
from tests.patterns.source_patterns import JAVA, PYTHON, PYTHON_WHOLE, SourcePattern, source_patterns

SCREENED = 1 << 13
LENGTHS = (1 << 14, 1 << 15, 1 << 16)
"""Doubled, so that a pattern that is not linear is found out before it takes long."""
HARDEST = 3
SECONDS = 0.4
"""Processor time for the longest text, in proportion for others. What is linear takes a twentieth of it."""
ATTEMPTS = 2
"""More, where time runs out: another program may have had the caches."""

PATTERNS, UNKNOWN = source_patterns()


@pytest.fixture(scope="module")
def java() -> Iterator[JavaEngine]:
    with java_engine() as engine:
        yield engine


def hold_up(engine: JavaEngine | PythonEngine, pattern: str) -> str:
    """Why a pattern is not safe; empty where it is."""
    try:
        taken = [measured(engine, pattern, text) for text in hard_texts(pattern, SCREENED)]
        hardest = sorted(range(len(taken)), key=lambda index: taken[index], reverse=True)[:HARDEST]
        for length in LENGTHS:
            texts = hard_texts(pattern, length)
            for index in hardest:
                measured(engine, pattern, texts[index])
    except PatternError as error:
        return str(error)
    return ""


def measured(engine: JavaEngine | PythonEngine, pattern: str, text: str) -> float:
    """Processor time that a text takes, which is an error where it is too long."""
    allowed = SECONDS * max(len(text), SCREENED) / LENGTHS[-1]
    taken = engine.seconds(pattern, text)
    for _ in range(ATTEMPTS if taken > allowed else 0):
        taken = min(taken, engine.seconds(pattern, text))
    if taken > allowed:
        msg = f"{taken * 1000:.0f} ms for {len(text)} characters, {text[:80]!r}…"
        raise PatternError(msg)
    return taken


def test_every_pattern_is_known() -> None:
    assert not UNKNOWN, "add what these functions are given to MADE in tests/patterns/source_patterns.py"
    assert {found.engine for found in PATTERNS} == {JAVA, PYTHON, PYTHON_WHOLE}
    assert any(r"\5" in found.pattern for found in PATTERNS)


@pytest.mark.parametrize("found", PATTERNS, ids=lambda found: f"{found.where} {found.pattern[:30]}")
def test_time_grows_with_the_text_and_no_faster(found: SourcePattern, java: JavaEngine) -> None:
    engine = java if found.engine == JAVA else PythonEngine(found.engine == PYTHON_WHOLE)
    assert hold_up(engine, found.pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"\A[0-9]++ in(?: \(([^()]++)\)(?: ?\(\1\))*)?\z", "StackOverflowError"),
        (r"\A(?:part|[0-9]+)*\z", "StackOverflowError"),
        (r" +[>/] +", "ms for"),
        (r"_(.*)\z", "ms for"),
    ],
)
def test_a_pattern_that_is_not_safe_is_found_out(pattern: str, why: str, java: JavaEngine) -> None:
    assert why in hold_up(java, pattern)


def test_a_python_pattern_that_is_not_safe_is_found_out() -> None:
    assert "ms for" in hold_up(PythonEngine(), r"[^/?&=]+\.zip")


def test_a_pattern_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.patterns.engines.BOUND", 1.0)
    with java_engine() as engine:
        assert "stopped" in hold_up(engine, r"a*a*a*a*a*a*b")
    assert "stopped" in hold_up(PythonEngine(), r"(?:a|a)+c")
