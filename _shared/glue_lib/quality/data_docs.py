"""Great Expectations' Data Docs of one table and run: an HTML page that loads nothing and runs nothing.

The library's templates write values as they are. They come from a source's file, so they are escaped before.
"""

from __future__ import annotations

import re
from copy import deepcopy
from html import escape
from typing import Any

from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView

from _shared.glue_lib.quality.report_page import CONTENT_POLICY

_FOREIGN = re.compile(r"<script\b[^>]*>.*?</script>|<link\b[^>]*>|<img\b[^>]*>|<iframe\b[^>]*>.*?</iframe>", re.DOTALL)
"""Scripts, styles and pictures that the library loads from other servers, and the scripts that need them."""

_STYLE = """<style>
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { border-bottom: 1px solid #8885; padding: .35rem .6rem; text-align: left; vertical-align: top; }
td, th { overflow-wrap: anywhere; }
.badge { background: #8883; border-radius: .25rem; font-family: ui-monospace, monospace; padding: .05rem .35rem; }
.text-success { color: #18864b; } .text-danger { color: #c62f2f; } .text-warning { color: #b26a00; }
.fas.text-success::before { content: "passed"; } .fas.text-danger::before { content: "failed"; }
.fas.text-warning::before { content: "warning"; } .fas { font-style: normal; font-weight: 600; }
.navbar, .footer, .cooltip, .modal, .btn, footer { display: none; }
.hide { display: none; } h1, h2, h3, h4 { line-height: 1.2; } ul { padding-left: 1.2rem; }
</style>"""


def page(result: ExpectationSuiteValidationResult) -> str:
    """Return the page of a suite's results."""
    document = ValidationResultsPageRenderer(run_info_at_end=True).render(_escaped(result))
    html: str = DefaultJinjaPageView().render(document)
    return (
        _FOREIGN.sub("", html).replace("<head>", f"<head>{CONTENT_POLICY}", 1).replace("</head>", f"{_STYLE}</head>", 1)
    )


def _escaped(result: ExpectationSuiteValidationResult) -> ExpectationSuiteValidationResult:
    """Return a copy in which no text has characters of HTML."""
    copy = deepcopy(result)
    for one in copy.results:
        one.result = _escape(one.result)
        one.exception_info = _escape(one.exception_info)
        configuration = one.expectation_config
        configuration.kwargs = _escape(configuration.kwargs)
        configuration.meta = _escape(configuration.meta)
        configuration.description = _escape(configuration.description)
    return copy


def _escape(value: Any) -> Any:  # noqa: ANN401 - what JSON can hold
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, dict):
        return {key: _escape(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_escape(one) for one in value]
    return value
