"""The suite of measurements: values that no device can show are faults of the measurement."""

from include.postmarket.checks.result import Severity
from include.postmarket.checks.rules import Asked, Rule, of_the_pull, of_the_table, rule

#: What is physically possible of a battery-driven pump, far outside of what is good; lowest and highest, included.
RANGES = {
    "battery_hours": (0.0, 1000.0),
    "flow_error_percent": (-100.0, 1000.0),
    "occlusion_alarms_per_100_h": (0.0, 10_000.0),
    "motor_current_ma": (0.0, 10_000.0),
}


def suite(asked: Asked) -> list[Rule]:
    """Give the rules, in the order in which a row's broken rules are named."""
    return [
        *of_the_table(asked),
        *(
            rule(
                f"{column}_possible",
                Severity.QUARANTINE,
                "ExpectColumnValuesToBeBetween",
                column=column,
                min_value=low,
                max_value=high,
            )
            for column, (low, high) in RANGES.items()
        ),
        *of_the_pull(asked),
    ]
