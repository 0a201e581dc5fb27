"""Great Expectations' Data Docs of one table and run: an HTML page that loads nothing from other sites."""

from __future__ import annotations

import re

from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView

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
    document = ValidationResultsPageRenderer(run_info_at_end=True).render(result)
    html: str = DefaultJinjaPageView().render(document)
    return _FOREIGN.sub("", html).replace("</head>", f"{_STYLE}</head>", 1)
