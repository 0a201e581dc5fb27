"""Bad input from the source's server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from _shared.contracts.source import GZIP
from _shared.lambdas.libs.source.http.rules import SourceRules
from tests._shared.lambdas.support import Answer, Asked, archive
from tests.bad_input.case import NO_ERROR, SourceCase

Answers = Callable[[str], Callable[[Asked], Answer]]

GOOD = archive({"pills.csv": b"Code\r\n0001\r\n0002\r\n"})
KNOWN_DATE = "Sun, 01 Mar 2026 09:00:00 GMT"
"""Date of the version that is published when a case begins; its server gave no ETag."""
EARLIER = {"Last-Modified": "Sat, 28 Feb 2026 09:00:00 GMT"}
PROCESSED = "processed: 'pills.csv' in utf-8"
ONLY_HTTPS = SourceRules(("127.0.0.1",))


def always(*answers: Answer) -> Answers:
    """Give these answers, one for each request, the last one for ever."""

    def begin(_: str) -> Callable[[Asked], Answer]:
        left = list(answers)
        return lambda _: left.pop(0) if len(left) > 1 else left[0]

    return begin


def redirect(location: str) -> Answers:
    """Send every request elsewhere."""
    return always(Answer(302, headers={"Location": location}))


def replaced_by_an_earlier_file(_: str) -> Callable[[Asked], Answer]:
    """Answer as a server without ETags does, which holds what is not later for unchanged."""
    return lambda asked: Answer(304) if "if-modified-since" in asked.headers else Answer(200, GOOD, EARLIER)


def to_a_missing_page(_: str) -> Callable[[Asked], Answer]:
    """Redirect to an apology that is not there."""
    moved = Answer(302, headers={"Location": "/sorry.html"})
    return lambda asked: Answer(404) if asked.path == "/sorry.html" else moved


def dripping() -> Iterator[bytes]:
    """Send a byte now and then."""
    yield GOOD[:4]
    while True:
        time.sleep(0.05)
        yield b"x"


_MOVED = "check whether the file has moved, and correct source_url"
_LOGIN = "check whether the file needs a login or refuses this network"
_BROWSER = "open the address in a browser, and correct source_url"
_PAGE = "open the address in a browser: the file may have moved or be under maintenance"
_STATUS_PAGE = "wait, or look at the source's status page"
_HOSTS = "use one of 127.0.0.1, or add it to allowed_source_hosts of the environment"

SOURCES = (
    SourceCase("404", "404 Not Found", "SourceNotFoundError", "source …: HTTP 404 Not Found", _MOVED,
               answers=always(Answer(404))),
    SourceCase("410", "410 Gone", "SourceNotFoundError", "source …: HTTP 410 Gone", _MOVED,
               answers=always(Answer(410))),
    SourceCase("401", "401 Unauthorized", "SourceForbiddenError", "source …: HTTP 401 Unauthorized", _LOGIN,
               answers=always(Answer(401))),
    SourceCase("403", "403 Forbidden", "SourceForbiddenError", "source …: HTTP 403 Forbidden", _LOGIN,
               answers=always(Answer(403))),
    SourceCase("451", "another refusal, such as 451", "SourceRejectedError",
               "source …: HTTP 451 Unavailable For Legal Reasons", _BROWSER, answers=always(Answer(451))),
    SourceCase("429 for ever", "429 Too Many Requests, at every attempt", "SourceUnavailableError",
               "source … is unavailable after 5 attempts: HTTP 429 Too Many Requests", _STATUS_PAGE,
               answers=always(Answer(429))),
    SourceCase("429 then well", "429 Too Many Requests with Retry-After, then the file", NO_ERROR, PROCESSED,
               "nothing: the wait that the server asks for is kept",
               answers=always(Answer(429, headers={"Retry-After": "7"}), Answer(200, GOOD))),
    SourceCase("500 for ever", "500 Internal Server Error, at every attempt", "SourceUnavailableError",
               "source … is unavailable after 5 attempts: HTTP 500 Internal Server Error", _STATUS_PAGE,
               answers=always(Answer(500))),
    SourceCase("500 then well", "500 Internal Server Error, then the file", NO_ERROR, PROCESSED,
               "nothing: the request is repeated, with longer pauses each time",
               answers=always(Answer(500), Answer(500), Answer(200, GOOD))),
    SourceCase("206 unasked", "206 Partial Content, although no part was asked for", "SourceRejectedError",
               "source …: HTTP 206 Partial Content", _BROWSER, answers=always(Answer(206, GOOD))),
    SourceCase("304 unasked", "304 Not Modified to an unconditional request", "SourceRejectedError",
               "source …: HTTP 304 Not Modified", _BROWSER, answers=always(Answer(304))),
    SourceCase("goes back", "the file is replaced by one with an earlier Last-Modified, and the server has no ETags",
               NO_ERROR, PROCESSED, "nothing: date and length are compared, not their order",
               answers=replaced_by_an_earlier_file),
    SourceCase("HTML page", "an HTML page with status 200", "UnexpectedContentError",
               "source …: expected a zip archive, found an HTML or XML page that begins '<!DOCTYPE html><title>Down'",
               _PAGE, answers=always(Answer(200, b"<!DOCTYPE html><title>Down"))),
    SourceCase("packed otherwise", "a file that is packed otherwise than `packing` says", "UnexpectedContentError",
               "source …: expected a gzip file, found a zip archive that begins 'PK\\x03\\x04…",
               "if that is right, write 'zip' for packing in dataset.json", answers=always(Answer(200, GOOD)),
               packing=GZIP),
    SourceCase("other content", "anything else that is no zip archive", "UnexpectedContentError",
               "source …: expected a zip archive, found something else that begins 'Item Code,NDC11\\n'", _PAGE,
               answers=always(Answer(200, b"Item Code,NDC11\n"))),
    SourceCase("empty body", "an empty body", "EmptySourceError", "source … is empty: HTTP 200 with no bytes",
               "look whether the source is being replaced, and run again", answers=always(Answer(200))),
    SourceCase("short body", "a body shorter than its Content-Length, at every attempt", "TruncatedDownloadError",
               "source …: body ended after 900 of 9999 bytes, 5 times: ProtocolError: Connection broken: …",
               "wait, and run again: the server or the network cuts the file off",
               answers=always(Answer(200, GOOD.ljust(900, b"x"), declared=9999))),
    SourceCase("compressed body", "a body with a Content-Encoding that was not asked for", "UnexpectedContentError",
               "source …: sent with Content-Encoding 'gzip' although identity was asked for",
               "ask the publisher to serve the file as it is, or use another address",
               answers=always(Answer(200, GOOD, {"Content-Encoding": "gzip"}))),
    SourceCase("no coding", "a body with a Content-Encoding that names no coding, such as UTF-8", NO_ERROR, PROCESSED,
               "nothing: the body is looked at, and is what was expected",
               answers=always(Answer(200, GOOD, {"Content-Encoding": "UTF-8"}))),
    SourceCase("no length", "a Content-Length that is none, at every attempt", "SourceUnavailableError",
               "source … is unavailable after 5 attempts: …Content-Length contained multiple unmatching values (5, 6)",
               _STATUS_PAGE, answers=always(Answer(200, GOOD, {"Content-Length": "5"}, declared=6))),
    SourceCase("too large", "a file that is larger than `max_megabytes` of the source", "SourceTooLargeError",
               "source …: its file declares 1000000001 bytes, more than the 1000 MB that the dataset allows",
               "look at the source; if it is right, raise max_megabytes in dataset.json",
               answers=always(Answer(200, GOOD, declared=1_000_000_001))),
    SourceCase("too slow", "a file that is not whole after `max_seconds` of the source", "SlowDownloadError",
               "source …: not complete after 1 s: … of 9999 bytes",
               "wait, and run again, or raise max_seconds of the source in dataset.json",
               answers=always(Answer(200, declared=9999, pieces=dripping)), max_seconds=1),
    SourceCase("ETag that cannot be sent", "an ETag that cannot be sent back", NO_ERROR, PROCESSED,
               "nothing: it is not kept; date and length are compared instead",
               answers=always(Answer(200, GOOD, {"ETag": "\x0cx"}))),
    SourceCase("redirect to a page that is not there", "a redirect to a page that is not there", "SourceRejectedError",
               "source …/pills.zip: redirected to …/sorry.html: HTTP 404 Not Found",
               "open the address in a browser: the file may have moved", answers=to_a_missing_page),
    SourceCase("redirect to another host", "a redirect to a host that is not allowed", "DisallowedSourceError",
               "source …/pills.zip: redirects to a disallowed address: source 'http://169.254.169.254/latest/': "
               "host '169.254.169.254' is not allowed", _HOSTS, answers=redirect("http://169.254.169.254/latest/")),
    SourceCase("redirect to another scheme", "a redirect to a scheme that is not allowed: http from https, file, ftp",
               "DisallowedSourceError", "source …/pills.zip: redirects to a disallowed address: "
               "source 'file:///etc/passwd': scheme 'file' is not allowed", "use one of http, https",
               answers=redirect("file:///etc/passwd")),
    SourceCase("redirect to no address", "a redirect to an invalid address", "DisallowedSourceError",
               "source …/pills.zip: redirects to an invalid address: Invalid IPv6 URL",
               "correct source_url",
               answers=redirect("http://[::1/x")),
    SourceCase("endless redirect", "an endless redirect", "SourceRejectedError",
               "source …/pills.zip: more than 5 redirects, the last to …/pills.zip", "correct source_url",
               answers=redirect("/pills.zip")),
    SourceCase("http outside the local environment", "an http address where the environment allows https only",
               "DisallowedSourceError", "source 'http://127.0.0.1:…/pills.zip': scheme 'http' is not allowed",
               "use one of https", answers=always(Answer(200, GOOD)), rules=ONLY_HTTPS),
)  # fmt: skip
