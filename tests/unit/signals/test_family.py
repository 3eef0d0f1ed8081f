"""False discoveries are controlled over what one plan asks of one indicator in one period."""

from include.postmarket.model.signal import Detection
from include.postmarket.signals.family import control_false_discoveries
from tests.unit.signals.worlds import detection

# Benjamini & Hochberg (1995), section 3.2: 15 ordered p-values of the thrombolysis trial; at q = 0.05 the procedure
# rejects the first four, Bonferroni only the first three.
PAPER = (
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.3240,
    0.4262,
    0.5719,
    0.6528,
    0.7590,
    1.0000,
)


def family(p_values: tuple[float, ...], period: int = 1) -> tuple[Detection, ...]:
    """Give one detection for each p-value, all alarming by their method."""
    return tuple(detection(period, f"model={n:02}", p_value=p) for n, p in enumerate(p_values))


def test_alarms_of_the_paper() -> None:
    """Of the paper's fifteen tests, all alarming by their method, the first four keep their alarm."""
    controlled = control_false_discoveries(family(PAPER), 0.05)

    assert [d.alarm for d in controlled] == [True] * 4 + [False] * 11


def test_adjusted_p_is_written_and_p_kept() -> None:
    """The method's own p stays; R: p.adjust(c(.01, .02, .03), "BH") gives .03 three times."""
    controlled = control_false_discoveries(family((0.01, 0.02, 0.03)), 0.05)

    assert [(d.p_value, round(d.adjusted_p or 0, 12)) for d in controlled] == [(0.01, 0.03), (0.02, 0.03), (0.03, 0.03)]


def test_control_never_makes_an_alarm() -> None:
    """A tiny p does not alarm where the method did not: its limit may ask for more than a p-value."""
    calm = detection(1, p_value=1e-9, alarm=False)

    assert [d.alarm for d in control_false_discoveries((calm,), 0.05)] == [False]


def test_method_without_p_keeps_its_alarm() -> None:
    """A control chart without p-value is left as it is, beside tests that lose theirs."""
    chart, test = detection(1), detection(1, "model=A", p_value=0.5)

    controlled = control_false_discoveries((chart, test), 0.05)

    assert (chart, False) == (controlled[0], controlled[1].alarm)


def test_what_was_not_evaluated_does_not_count() -> None:
    """A point without result neither dilutes the family nor gets an adjusted p."""
    alone = detection(1, p_value=0.04)
    unknown = detection(1, "model=A", evaluated=False, alarm=False, reason="history too short", p_value=1.0)

    controlled = control_false_discoveries((alone, unknown), 0.05)

    assert (controlled[0].alarm, controlled[0].adjusted_p) == (True, 0.04)
    assert unknown == controlled[1]


def test_families_do_not_mix() -> None:
    """Another period or indicator with many empty tests takes no alarm away."""
    alarm = detection(1, p_value=0.04)
    other_period = family((0.9,) * 50, period=2)
    other_indicator = tuple(detection(1, f"model={n}", indicator_id="IND-2", p_value=0.9) for n in range(50))

    controlled = control_false_discoveries((alarm, *other_period, *other_indicator), 0.05)

    assert [alarm.key] == [d.key for d in controlled if d.alarm]


def test_calm_tests_of_the_family_count() -> None:
    """The family is all tests made, not only those that alarm: 0.04 does not survive among fifty."""
    alarm = detection(1, p_value=0.04)
    calm = tuple(detection(1, f"model={n}", p_value=0.9, alarm=False) for n in range(50))

    controlled = control_false_discoveries((alarm, *calm), 0.05)

    assert not any(d.alarm for d in controlled)


def test_order_is_kept() -> None:
    """The detections come back where they were, so that a caller may zip them with what they came from."""
    given = family((0.5, 0.01)) + family((0.2, 0.001), period=2)

    assert [d.key for d in given] == [d.key for d in control_false_discoveries(given, 0.05)]
