"""Turns by host: none too early, none for ever, and no host waits for another."""

import threading
import time

from earthcode_platform.catalog.outside.pacing import Pacer


def soon() -> float:
    return time.monotonic() + 5


def drained(pacer: Pacer[int], workers: int, seconds: float = 0.0) -> list[tuple[float, str, int]]:
    taken: list[tuple[float, str, int]] = []

    def work() -> None:
        while (found := pacer.take()) is not None:
            taken.append((time.monotonic(), *found))
            time.sleep(seconds)
            pacer.done(found[0])

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def test_every_job_is_taken_once_and_hosts_keep_their_distance() -> None:
    pacer: Pacer[int] = Pacer(0.05, soon())
    for number in range(12):
        pacer.put(f"host-{number % 3}", number)
    began = time.monotonic()
    taken = drained(pacer, 6)
    assert sorted(job for _, _, job in taken) == list(range(12))
    for host in ("host-0", "host-1", "host-2"):
        moments = [at for at, named, _ in taken if named == host]
        # A thread may be late to look at the clock, so single distances vary.
        assert moments[-1] - moments[0] > 0.12
    assert 0.15 < time.monotonic() - began < 2


def test_of_a_host_one_job_is_out_at_a_time() -> None:
    pacer: Pacer[int] = Pacer(0.0, soon())
    for number in range(3):
        pacer.put("slow", number)
    pacer.put("quick", 9)
    out = [pacer.take() for _ in range(2)]
    assert sorted(filter(None, out)) == [("quick", 9), ("slow", 0)]
    waiting: list[tuple[str, int] | None] = []
    thread = threading.Thread(target=lambda: waiting.append(pacer.take()))
    thread.start()
    thread.join(0.05)
    assert waiting == []
    pacer.done("slow")
    thread.join()
    assert waiting == [("slow", 1)]


def test_a_pause_is_that_of_one_host() -> None:
    pacer: Pacer[int] = Pacer(0.0, soon())
    pacer.put("a", 1)
    pacer.put("b", 2)
    pacer.pause("a", time.monotonic() + 0.1)
    began = time.monotonic()
    assert [(host, job) for _, host, job in drained(pacer, 2)] == [("b", 2), ("a", 1)]
    assert 0.09 < time.monotonic() - began < 1


def test_what_cannot_be_in_time_is_not_waited_for() -> None:
    pacer: Pacer[int] = Pacer(0.0, time.monotonic() + 60)
    pacer.put("a", 1)
    pacer.pause("a", time.monotonic() + 100)
    began = time.monotonic()
    assert pacer.take() is None
    assert time.monotonic() - began < 1


def test_after_the_deadline_or_when_closed_there_is_nothing() -> None:
    late: Pacer[int] = Pacer(0.0, time.monotonic() + 0.05)
    late.put("a", 1)
    assert late.take() == ("a", 1)
    late.put("a", 2)
    assert late.take() is None
    closed: Pacer[int] = Pacer(0.0, soon())
    closed.put("a", 1)
    closed.close()
    assert closed.take() is None


def test_jobs_that_come_back_are_waited_for() -> None:
    pacer: Pacer[int] = Pacer(0.0, soon())
    pacer.put("a", 3)
    seen: list[int] = []

    def work() -> None:
        while (found := pacer.take()) is not None:
            host, job = found
            seen.append(job)
            time.sleep(0.01)
            if job:
                pacer.put("b", job - 1)
            pacer.done(host)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [3, 2, 1, 0]


def test_drained_jobs_are_gone() -> None:
    pacer: Pacer[int] = Pacer(0.0, soon())
    pacer.put("a", 1)
    pacer.put("a", 2)
    assert pacer.drain("a") == [1, 2]
    assert pacer.take() is None
    pacer.put("a", 3)
    assert pacer.take() == ("a", 3)
