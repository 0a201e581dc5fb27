"""Send a request to a source: retries, redirects with a check of each URL, and errors by status."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urljoin

import requests
import urllib3
from requests.cookies import RequestsCookieJar

from _shared.contracts.errors import (
    DisallowedSourceError,
    SourceForbiddenError,
    SourceNotFoundError,
    SourceRejectedError,
    SourceUnavailableError,
)
from _shared.contracts.messages import shown_address
from _shared.lambdas.libs.source.files.content import content_length
from _shared.lambdas.libs.source.http.backoff import RetryPolicy
from _shared.lambdas.libs.source.http.bounded import READ_SECONDS, BoundedAdapter, Deadline
from _shared.lambdas.libs.source.http.limits import too_slow
from _shared.lambdas.libs.source.http.rules import SourceRules
from _shared.lambdas.libs.source.http.validators import check_sendable

CONNECT_SECONDS = 10
MAX_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Statuses that are only accepted if the request has this header. An unrequested 206 would be taken for the whole file.
_ASKED_BY: dict[int, str] = {
    HTTPStatus.PARTIAL_CONTENT: "Range",
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "Range",
    HTTPStatus.NOT_MODIFIED: "If-None-Match",
}
_RETRIED = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_TAKEN = frozenset({HTTPStatus.OK, *_ASKED_BY})
_LONGEST_SHOWN = 200


@dataclass(frozen=True)
class SourceClient:
    """HTTP client for allowed URLs.

    Parameters
    ----------
    rules
        Rules for every URL, including redirect targets.
    policy
        Retry policy.
    session
        Session with the proxy and certificate settings.
    """

    rules: SourceRules
    policy: RetryPolicy
    session: requests.Session

    @classmethod
    def connect(cls, rules: SourceRules) -> SourceClient:
        """Create a client with the default retry policy."""
        return cls(rules, RetryPolicy(), requests.Session())

    def get(self, url: str, headers: dict[str, str], deadline: Deadline) -> requests.Response:
        """Request a URL. The body is not read yet; bodies of redirects and errors are never read.

        Parameters
        ----------
        deadline
            Time limit for all attempts and for reading the response.

        Returns
        -------
        requests.Response
            Status 200; also 206 or 416 for a range request, and 304 for a conditional request.

        Raises
        ------
        SourceUnavailableError
            No response, an invalid HTTP response, 5xx, 408, 425 or 429, on every attempt.
        SlowDownloadError
            The deadline has passed.
        SourceNotFoundError, SourceForbiddenError, SourceRejectedError
            404 or 410; 401 or 403; any other status, or a redirect to a missing file.
        DisallowedSourceError
            The URL or a redirect target is not allowed.
        """
        check_sendable(headers)
        failure = ""
        for attempt in range(1, self.policy.attempts + 1):
            retry_after = None
            try:
                response, address = self._follow(url, headers, deadline)
            except requests.exceptions.InvalidURL as error:
                msg = f"source {shown_address(url)}: not a valid address: {error}"
                raise DisallowedSourceError(msg, "correct source_url") from error
            # An invalid HTTP response can raise any of these.
            except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
                failure = self.shown(f"{type(error).__name__}: {error}")
            else:
                failure = self._failure(response)
                if not failure:
                    return self._accepted(response, url, address, headers)
                retry_after = response.headers.get("Retry-After")
                response.close()
            if not deadline.left:
                raise too_slow(url, deadline, failure)
            if attempt < self.policy.attempts:
                self.policy.pause(attempt, retry_after, at_most=deadline.left)
        msg = f"source {url} is unavailable after {self.policy.attempts} attempts: {failure}"
        raise SourceUnavailableError(msg, "wait, or look at the source's status page")

    def shown(self, text: str) -> str:
        """Shorten text from a server for a message."""
        return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"

    def _follow(self, url: str, headers: dict[str, str], deadline: Deadline) -> tuple[requests.Response, str]:
        """Follow redirects; return the final response and its URL.

        This uses the adapter directly, because a session reads and decompresses the body of every redirect.
        """
        self.rules.check(url)
        address, cookies = url, RequestsCookieJar()
        adapter = BoundedAdapter(deadline)
        for _ in range(MAX_REDIRECTS + 1):
            request = requests.Request("GET", address, headers=headers, cookies=cookies).prepare()
            environment = self.session.merge_environment_settings(address, {}, True, None, None)
            connect = max(min(deadline.left, CONNECT_SECONDS), 0.001)
            response = adapter.send(request, timeout=(connect, READ_SECONDS), **environment)  # type: ignore[arg-type]
            location = response.headers.get("Location")
            if response.status_code not in _REDIRECTS or not location:
                return response, address
            response.close()
            cookies.update(response.cookies)
            address = self._redirected(url, address, location)
        msg = f"source {url}: more than {MAX_REDIRECTS} redirects, the last to {address}"
        raise SourceRejectedError(msg, "correct source_url")

    def _redirected(self, url: str, address: str, location: str) -> str:
        try:
            target = urljoin(address, location)
        except ValueError as error:
            msg = f"source {url}: redirects to an invalid address: {error}"
            raise DisallowedSourceError(msg, "correct source_url") from error
        try:
            self.rules.check(target)
        except DisallowedSourceError as error:
            msg = f"source {url}: redirects to a disallowed address: {error.what}"
            raise DisallowedSourceError(msg, error.remedy) from error
        return target

    def _failure(self, response: requests.Response) -> str:
        """Return why a response should be retried, an empty text if it should not."""
        status = response.status_code
        if status in _RETRIED or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return f"HTTP {status} {self.shown(response.reason)}"
        if status in _TAKEN:
            try:
                content_length(response.headers)
            except ValueError as error:
                return self.shown(str(error))
        return ""

    def _accepted(
        self, response: requests.Response, url: str, address: str, headers: dict[str, str]
    ) -> requests.Response:
        status = response.status_code
        if status == HTTPStatus.OK or _ASKED_BY.get(status) in headers:
            return response
        response.close()
        redirected = "" if address == url else f"redirected to {address}: "
        what = f"source {url}: {redirected}HTTP {status} {self.shown(response.reason)}"
        if status in _GONE:
            if redirected:
                # Servers also redirect to a missing error page, so a 404 after a redirect does not prove that the
                # file does not exist.
                raise SourceRejectedError(what, "open the address in a browser: the file may have moved")
            raise SourceNotFoundError(what, "check whether the file has moved, and correct source_url")
        if status in _REFUSED:
            raise SourceForbiddenError(what, "check whether the file needs a login or refuses this network")
        raise SourceRejectedError(what, "open the address in a browser, and correct source_url")
