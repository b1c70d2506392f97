"""A large text is looked through by another process, with the same result, and nobody is held up."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from zcnb.freshness.elsewhere import scan_elsewhere
from zcnb.freshness.scan import scan

TEXTS = [
    b"",
    b'#include "a.h"\n#include <b.h>\n#if __has_include("c.h")\n#include MACRO\n#endif\n__TIME__ asm __T\n',
    b'#include "\xff\xfe.h"\n#embed "x"\n',
    b"x" * 3_000_000 + b'\n#include "late.h"\n',
]


@pytest.mark.parametrize("data", TEXTS, ids=["empty", "all there is", "odd bytes", "large"])
def test_it_finds_the_same(data: bytes) -> None:
    assert scan_elsewhere(data) == scan(data)


def test_without_a_process_it_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert scan_elsewhere(TEXTS[1]) == scan(TEXTS[1])


def test_other_threads_go_on() -> None:
    data = b"x" * (32 << 20)
    longest, done = 0.0, threading.Event()

    def tick() -> None:
        nonlocal longest
        while not done.is_set():
            begin = time.monotonic()
            time.sleep(0.001)
            longest = max(longest, time.monotonic() - begin)

    ticking = threading.Thread(target=tick)
    ticking.start()
    begin = time.monotonic()
    scan_elsewhere(data)
    took = time.monotonic() - begin
    done.set()
    ticking.join()
    print(f"scanned in {took:.2f} s, others waited {longest:.3f} s at most")
    assert longest < max(0.3, took / 3)
