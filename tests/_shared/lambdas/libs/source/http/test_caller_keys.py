"""A key that a caller has written into an address is refused, and never told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from _shared.contracts.errors import DisallowedSourceError
from _shared.lambdas.libs.source.http.rules import SourceRules
from _shared.lambdas.libs.steps.inputs import parse_input, parse_trigger
from tests._shared.lambdas.support import CONFIG

HOST = "uts-ws.nlm.nih.gov"
RULES = SourceRules((HOST, "download.nlm.nih.gov"))
QUERY = f"https://{HOST}/download?url=https://download.nlm.nih.gov/x.zip&apiKey={{key}}"
PATH = f"https://{HOST}/{{key}}/x.zip"


def parse(url: str, template: str | None) -> None:
    """Give an address to a dataset with a licensed source, through the state machine and through the trigger."""
    config = replace(CONFIG, sources=(replace(CONFIG.sources[0], licensed_url=template),))
    document = {"dataset": "pills", "source_url": url}
    try:
        parse_input(document, config, RULES)
    finally:
        parse_trigger(document, config, RULES)


@pytest.mark.parametrize(
    ("template", "url"),
    [
        (QUERY, f"https://{HOST}/download?url=x.zip&apiKey=MYKEY"),
        (QUERY, f"https://{HOST}/download?apiKey=MYKEY&url=x.zip"),
        (QUERY, f"https://{HOST}/download?url=x.zip;apikey=MYKEY"),
        (QUERY, f"https://{HOST}/download?url=x.zip&api%4bey=MYKEY"),
        (QUERY, f"https://{HOST}/download?url=x.zip?apiKey=MYKEY"),
        (QUERY, f"HTTPS://{HOST.upper()}:443/%64ownload?url=x.zip&apiKey=MYKEY"),
        (QUERY, f"http://{HOST}/download?url=x.zip&apiKey=MYKEY"),
        (QUERY, f"https://{HOST}/download?url=x.zip&apiKey=MYKEY \n"),
        (QUERY, f"https://{HOST}/download?url=x.zip&apiKey=MYKEY{'y' * 3000}"),
        (QUERY, f"https://{HOST}/download?url=x.zip&apiKey=MYKEY/"),
        (PATH, f"https://{HOST}/MYKEY/x.zip"),
    ],
)
def test_a_licensed_address_with_a_key_written_into_it_is_refused_and_the_key_is_not_told(
    template: str, url: str
) -> None:
    with pytest.raises(DisallowedSourceError, match=f"'{HOST}'.*leave source_url out.*get a new key") as caught:
        parse(url, template)
    assert "MYKEY" not in str(caught.value)


@pytest.mark.parametrize(
    ("template", "url"),
    [
        (QUERY, f"https://{HOST}/download?url=x.zip"),
        (QUERY, f"https://{HOST}/other?apiKey=1"),
        (QUERY, "https://download.nlm.nih.gov/download?apiKey=1"),
        (PATH, f"https://{HOST}/one/two/x.zip"),
        (None, f"https://{HOST}/download?url=x.zip&apiKey=1"),
    ],
)
def test_any_other_address_is_taken(template: str | None, url: str) -> None:
    parse(url, template)
