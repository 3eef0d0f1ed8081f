"""The suite of adverse-event reports."""

from include.postmarket.checks.result import Severity
from include.postmarket.checks.rules import Asked, Rule, in_order, of_the_pull, of_the_table, rule, without_word

EVENT_TYPES = ("Death", "Injury", "Malfunction", "Other", "No answer provided")

#: Maker or importer (7-digit registration, or 10-digit establishment identifier), user facility, voluntary reporter: 21
#: CFR 803.3(m) and (x).
REPORT_NUMBER = r"^(?:\d{7}|\d{10})-\d{4}-\d{4,5}$|^MW\d{5,10}$"


def suite(asked: Asked) -> list[Rule]:
    """Give the rules, in the order in which a row's broken rules are named."""
    return [
        *of_the_table(asked),
        rule(
            "event_type_valid",
            Severity.QUARANTINE,
            "ExpectColumnValuesToBeInSet",
            column="event_type",
            value_set=list(EVENT_TYPES),
        ),
        in_order("event_date_not_after_received", "received", "event_date"),
        rule("events_at_least_one", Severity.QUARANTINE, "ExpectColumnValuesToBeBetween", column="events", min_value=1),
        without_word("flags_agree_with_event_type", "_notes", "flags", Severity.WARN),
        without_word("udi_check_digit", "_notes", "udi", Severity.WARN),
        rule(
            "report_number_shape",
            Severity.WARN,
            "ExpectColumnValuesToMatchRegex",
            column="report_number",
            regex=REPORT_NUMBER,
        ),
        *of_the_pull(asked),
    ]
