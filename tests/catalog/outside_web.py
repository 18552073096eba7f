"""A client to which every host is one server on loopback, and checks with it."""

from collections.abc import Iterator
from contextlib import contextmanager

from loopback import NOBODY, Loopback

from earthcode_platform.catalog.outside.checker import LinkChecker, LinkLimits
from earthcode_platform.models.link_outcome import LinkOutcome
from earthcode_platform.web.asking import Web
from earthcode_platform.web.failures import Cause, NoAnswerError
from earthcode_platform.web.proxies import Proxies
from earthcode_platform.web.reach import Reach

__all__ = ["HOSTS", "QUICK", "check", "web_to"]

QUICK = LinkLimits(per_host_seconds=0, seconds_per_request=2, total_seconds=20, failures_of_host=50)
HOSTS = frozenset({*(f"{letter}.example" for letter in "abcdefgh"), "xn--mnchen-3ya.example"})


@contextmanager
def web_to(server: Loopback) -> Iterator[Web]:
    """A client to which every host is the server; `nowhere.example` does not exist, and `odd.example` breaks it."""

    def resolver(host: str, port: int, seconds: float) -> list[tuple[str, int]]:
        assert port > 0
        assert seconds > 0
        if host == "odd.example":
            raise ValueError("nobody foresaw this")
        if host == "nowhere.example":
            raise NoAnswerError.of(Cause.NAME, host)
        return [("127.0.0.1", port if host == "127.0.0.1" else server.port)]

    with Web(Reach(HOSTS, resolver), proxies=Proxies(), trust=NOBODY) as opened:
        yield opened


def check(web: Web, *urls: str, **limits: float) -> tuple[LinkOutcome, ...]:
    """Check addresses, quickly but for what `limits` says."""
    return LinkChecker(limits=QUICK.model_copy(update=limits), web=web).check(urls)
