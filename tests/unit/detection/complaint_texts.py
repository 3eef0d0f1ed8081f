"""Invented complaint texts of four kinds of fault, varied by a seed."""

import numpy as np

FAULTS = {
    "A07": ("battery", "empty", "switched off", "power", "charge"),
    "A09": ("volume", "under delivery", "flow rate", "bag", "late"),
    "A16": ("alarm", "silent", "no sound", "speaker", "warning"),
    "A04": ("housing", "crack", "broken corner", "lid", "dropped"),
}
_FILLER = (
    "the nurse reported",
    "during the night shift",
    "according to the ward",
    "on the second day",
    "after transport",
    "the patient was not harmed",
    "the device was returned",
    "no further detail is known",
    "while the therapy was running",
    "as stated by the hospital",
)


def write(seed: int, code: str, count: int) -> list[str]:
    """Give texts of a fault: two or three of its words among filler."""
    r = np.random.default_rng(seed)
    texts = []
    for _ in range(count):
        parts = [*r.choice(FAULTS[code], r.integers(2, 4), replace=False), *r.choice(_FILLER, 4, replace=False)]
        texts.append(" ".join(r.permutation(parts)))
    return texts
