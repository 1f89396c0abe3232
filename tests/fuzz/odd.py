"""Odd text and odd bytes, for everything that reads what a person or another program has written."""

from __future__ import annotations

from hypothesis import strategies as st

ODD_TEXTS = (
    "",
    " ",
    "\t\n",
    "\0",
    "\x1b[2J\x1b]0;title\x07",
    "\u202edrawkcab\u202c",
    "\u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627",
    "\U0001f9b6\U0001f3fd\u200d\u2640\ufe0f",
    "e\u0301" * 50,
    "\ufeff",
    "\ud800",
    "\uffff",
    "%s%n{}{0}${HOME}`id`",
    "../../../etc/passwd",
    "-1",
    "1e400",
    "nan",
    "9" * 5000,
    "a" * 5000,
    "stop " * 1000,
    "[" * 5000,
    "\N{RIGHT SINGLE QUOTATION MARK}",
    "١٢",
    "²",
    "\u017ftop",
    "İ",
)
"""Empty, invisible, from right to left, made of parts, no text at all, huge, numbers that are none, and tricks."""


def odd_text(most: int = 60) -> st.SearchStrategy[str]:
    """Give any text, odd ones and mixtures of both."""
    return st.one_of(
        st.text(max_size=most), st.sampled_from(ODD_TEXTS), st.lists(st.sampled_from(ODD_TEXTS)).map("".join)
    )


def damaged(whole: bytes) -> st.SearchStrategy[bytes]:
    """Give `whole` cut off, with bytes changed, or with bytes put in or left out."""

    def change(at: int, length: int, new: bytes) -> bytes:
        return whole[:at] + new + whole[at + length :]

    places = st.integers(0, len(whole))
    return st.one_of(
        places.map(lambda at: whole[:at]),
        st.builds(change, places, st.integers(0, 8), st.binary(max_size=8)),
        st.builds(change, st.integers(0, min(64, len(whole))), st.just(4), st.binary(min_size=4, max_size=4)),
        st.binary(max_size=200),
    )
