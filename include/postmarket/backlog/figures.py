"""Numbers as a ticket shows them: as of filing, in their unit, and never a blank where something was not given."""

import math

NOT_GIVEN = "not given"


def figure(value: float | None, unit: str = "") -> str:
    """Give a number to six significant digits with its unit, whole numbers with thousands commas.

    None, nan and infinity read "not given": a method may have no expected value or no upper limit.
    """
    if value is None or not math.isfinite(value):
        return NOT_GIVEN
    shown = f"{int(value):,}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:.6g}"
    return f"{shown} {unit}".rstrip()


def chance(p: float | None) -> str:
    """Give a p-value to three significant digits; what underflowed to zero is said to be below 1e-300."""
    if p is None or not math.isfinite(p):
        return NOT_GIVEN
    return "below 1e-300" if p < 1e-300 else f"{p:.3g}"
