"""What is kept of a run's output."""

from __future__ import annotations

from zcnb_kernel.sweep.capture import KEPT, Capture


def captured(*parts: tuple[str, bytes]) -> Capture:
    capture = Capture()
    for stream, data in parts:
        capture.take("stdout" if stream == "out" else "stderr", data)
    return capture


def test_how_the_bytes_were_cut_does_not_matter() -> None:
    assert captured(("out", b"ab"), ("out", b"c")).digest == captured(("out", b"abc")).digest


def test_every_difference_is_seen() -> None:
    outputs = [
        captured(("out", b"a")),
        captured(("err", b"a")),
        captured(("out", b"\xff")),
        captured(("out", b"\xfe")),  # shown like the one before
        captured(("out", b"x" * KEPT)),
        captured(("out", b"x" * KEPT + b"y")),  # beyond what is kept
        captured(),
    ]
    assert len({output.digest for output in outputs}) == len(outputs)


def test_the_beginning_is_kept_however_much_comes() -> None:
    capture = captured(("out", b"head"), *[("out", b"z" * 50_000)] * 100, ("err", b"\xc3\xa9\xff"))
    assert len(capture.text("stdout")) == KEPT
    assert capture.text("stdout").startswith("headz")
    assert capture.text("stderr") == "é\ufffd"
