"""How strong an alarm is, on scales that do not depend on the unit or on which direction is worse."""

from collections.abc import Callable

from include.postmarket.model.signal import Detection

#: An alarm on a refuted signal counts as materially more evidence from this multiple of the refuted one.
MATERIAL = 1.5


def ratio(detection: Detection) -> float | None:
    """Give observed over expected, turned round where low values are worse (limit below expected): 2 is twice as bad.

    None when a number is missing or not positive, because then a ratio says nothing.
    """
    observed, expected = detection.observed, detection.expected
    if observed is None or expected is None or observed <= 0 or expected <= 0:
        return None
    if detection.limit is not None and detection.limit < expected:
        return expected / observed
    return observed / expected


def excess(detection: Detection) -> float | None:
    """Give the distance from expected to observed in steps to the limit: 1 is at the limit, 2 twice as far.

    None when a number is missing or the limit is the expectation.
    """
    observed, expected, limit = detection.observed, detection.expected, detection.limit
    if observed is None or expected is None or limit is None or limit == expected:
        return None
    return (observed - expected) / (limit - expected)


def materially_more(new: Detection, known: tuple[Detection, ...]) -> str:
    """Say why an alarm is materially more evidence than the alarms that were refuted; empty when it is not.

    It is when its ratio (where there is none: its excess) is at least `MATERIAL` times the strongest refuted one. Where
    neither can be compared it counts as more: what is unknown goes to a person (G8).
    """
    measures: tuple[tuple[str, Callable[[Detection], float | None]], ...] = (("ratio", ratio), ("excess", excess))
    for name, measure in measures:
        found = measure(new)
        before = [value for value in map(measure, known) if value is not None]
        if found is None or not before:
            continue
        strongest = max(before)
        if found >= MATERIAL * strongest:
            return f"{name} {found:.3g} is at least {MATERIAL} times the refuted {strongest:.3g}"
        return ""
    return "the evidence cannot be compared with the refuted one: a person has to look"
