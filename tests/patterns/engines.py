"""Run a pattern over a text, for no longer than a bound; tell the processor time that it took."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from types import FrameType
from typing import Any

import pyspark
from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway  # type: ignore[import-untyped]
from py4j.protocol import Py4JError, Py4JJavaError  # type: ignore[import-untyped]

from local_cloud.java import java_home

BOUND = 20.0
"""Seconds after which a pattern is stopped that has not ended by itself."""
_SMALL_STACK = "-Xss180k"
"""A sixth of what a Spark task has, so that a short text tells what a long one would do."""
_REFLECTED = (
    "java.base/java.util.stream",
    "jdk.management/com.sun.management.internal",
    "java.management/sun.management",
)


class PatternError(Exception):
    """A pattern did not get through a text."""


@dataclass
class JavaEngine:
    """The JVM's own patterns, in a JVM of their own."""

    jvm: Any
    process: Any
    clock: Any = field(init=False)
    compiled: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = self.jvm.java.lang.management.ManagementFactory.getThreadMXBean()

    def seconds(self, pattern: str, text: str) -> float:
        """Processor time in which all matches are found."""
        watchdog = Timer(BOUND, self.process.kill)
        watchdog.start()
        try:
            if pattern not in self.compiled:
                self.compiled[pattern] = self.jvm.java.util.regex.Pattern.compile(pattern)
            found = self.compiled[pattern].matcher(text).results()
            start = self.clock.getCurrentThreadCpuTime()
            found.count()
            return float(self.clock.getCurrentThreadCpuTime() - start) / 1e9
        except Py4JJavaError as error:
            raise PatternError(str(error.java_exception)) from None
        except (Py4JError, OSError) as error:
            msg = f"stopped after {BOUND} s"
            raise PatternError(msg) from error
        finally:
            watchdog.cancel()


@contextmanager
def java_engine() -> Iterator[JavaEngine]:
    """Start a JVM, and end it."""
    (jar,) = Path(pyspark.__file__).parent.glob("jars/py4j-*.jar")
    exports = [f"--add-opens={package}=ALL-UNNAMED" for package in _REFLECTED]
    java = f"{java_home()}/bin/java"
    port, process = launch_gateway(
        jarpath=str(jar), javaopts=[_SMALL_STACK, *exports], die_on_exit=True, java_path=java, return_proc=True
    )
    # Py4J would tell a JVM that has been stopped which objects are no longer needed.
    parameters = GatewayParameters(port=port, enable_memory_management=False)
    try:
        yield JavaEngine(JavaGateway(gateway_parameters=parameters).jvm, process)
    finally:
        process.kill()
        process.wait()


@dataclass
class PythonEngine:
    """Python's patterns, as they are used: looked for at every place, or at the start alone."""

    from_start: bool = False

    def seconds(self, pattern: str, text: str) -> float:
        """Processor time in which all matches are found."""
        compiled = re.compile(pattern)
        before = signal.signal(signal.SIGVTALRM, _stop)
        signal.setitimer(signal.ITIMER_VIRTUAL, BOUND)
        start = time.thread_time()
        try:
            if self.from_start:
                compiled.match(text)
                compiled.fullmatch(text)
            else:
                compiled.findall(text)
            return time.thread_time() - start
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)


def _stop(_number: int, _frame: FrameType | None) -> None:
    msg = f"stopped after {BOUND} s"
    raise PatternError(msg)
