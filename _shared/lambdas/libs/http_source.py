"""One request to a source: retried, its redirects followed by hand, its status given a name."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urljoin

import requests

from _shared.contracts.messages import shown_address
from _shared.lambdas.libs.errors import (
    DisallowedSourceError,
    SourceForbiddenError,
    SourceNotFoundError,
    SourceRejectedError,
    SourceUnavailableError,
)
from _shared.lambdas.libs.retry import RetryPolicy
from _shared.lambdas.libs.source_rules import SourceRules

CONNECT_SECONDS = 10
READ_SECONDS = 60
MAX_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Statuses that only the request's own header makes meaningful: unasked, a part would be taken for the whole.
_ASKED_BY: dict[int, str] = {
    HTTPStatus.PARTIAL_CONTENT: "Range",
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "Range",
    HTTPStatus.NOT_MODIFIED: "If-None-Match",
}
_RETRIED = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True)
class SourceClient:
    """Fetches from allowed addresses.

    Parameters
    ----------
    rules
        What every address, redirects included, must satisfy.
    policy
        Attempts and pauses.
    session
        Connections.
    """

    rules: SourceRules
    policy: RetryPolicy
    session: requests.Session

    @classmethod
    def connect(cls, rules: SourceRules) -> SourceClient:
        """Open a client with the default policy."""
        return cls(rules, RetryPolicy(), requests.Session())

    def get(self, url: str, headers: dict[str, str]) -> requests.Response:
        """Request an address; the body is not read yet.

        Returns
        -------
        requests.Response
            Status 200; 206 or 416 where a range was asked for; 304 where the request was conditional.

        Raises
        ------
        SourceUnavailableError
            No answer, 5xx, 408, 425 or 429, at every attempt.
        SourceNotFoundError, SourceForbiddenError, SourceRejectedError
            404 or 410; 401 or 403; any other answer.
        DisallowedSourceError
            The address, or one it redirects to, is not allowed.
        """
        failure = ""
        for attempt in range(1, self.policy.attempts + 1):
            retry_after = None
            try:
                response = self._follow(url, headers)
            # Requests reads the target of a redirect even where it is not to follow it.
            except ValueError as error:
                msg = f"source {shown_address(url)}: not a valid address, or redirected to none: {error}"
                raise DisallowedSourceError(msg, "correct source_url") from error
            except requests.RequestException as error:
                failure = f"{type(error).__name__}: {error}"
            else:
                status = response.status_code
                if status not in _RETRIED and status < HTTPStatus.INTERNAL_SERVER_ERROR:
                    return _accepted(response, url, headers)
                failure = f"HTTP {status} {response.reason}"
                retry_after = response.headers.get("Retry-After")
                response.close()
            if attempt < self.policy.attempts:
                self.policy.pause(attempt, retry_after)
        msg = f"source {url} is unavailable after {self.policy.attempts} attempts: {failure}"
        raise SourceUnavailableError(msg, "wait, or look at the source's status page")

    def _follow(self, url: str, headers: dict[str, str]) -> requests.Response:
        self.rules.check(url)
        address = url
        for _ in range(MAX_REDIRECTS + 1):
            response = self.session.get(
                address,
                headers=headers,
                stream=True,
                allow_redirects=False,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
            )
            location = response.headers.get("Location")
            if response.status_code not in _REDIRECTS or not location:
                return response
            response.close()
            address = self._redirected(url, address, location)
        msg = f"source {url}: more than {MAX_REDIRECTS} redirects, the last to {address}"
        raise SourceRejectedError(msg, "correct source_url")

    def _redirected(self, url: str, address: str, location: str) -> str:
        target = urljoin(address, location)
        try:
            self.rules.check(target)
        except DisallowedSourceError as error:
            msg = f"source {url}: redirects to what is not allowed: {error.what}"
            raise DisallowedSourceError(msg, error.remedy) from error
        return target


def _accepted(response: requests.Response, url: str, headers: dict[str, str]) -> requests.Response:
    status = response.status_code
    if status == HTTPStatus.OK or _ASKED_BY.get(status) in headers:
        return response
    response.close()
    what = f"source {url}: HTTP {status} {response.reason}"
    if status in _GONE:
        raise SourceNotFoundError(what, "check whether the file has moved, and correct source_url")
    if status in _REFUSED:
        raise SourceForbiddenError(what, "check whether the file needs a login or refuses this network")
    raise SourceRejectedError(what, "open the address in a browser, and correct source_url")
