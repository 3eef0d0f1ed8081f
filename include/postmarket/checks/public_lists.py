"""The suite of the lists that FDA keeps: what every table has, and dates that follow one another."""

from include.postmarket.checks.result import Severity
from include.postmarket.checks.rules import Asked, Rule, in_order, of_the_pull, of_the_table
from include.postmarket.model.batch import Source

#: The later and the earlier date of a record, where FDA keeps two. Worth a look only: the list is not ours to mend.
_ORDER = {
    Source.RECALLS: ("terminated", "initiated"),
    Source.ENFORCEMENTS: ("terminated", "initiated"),
    Source.CLEARANCES: ("decided", "received"),
    Source.APPROVALS: ("decided", "received"),
    Source.DEVICES: ("version_date", "published"),
    Source.DRUG_REPORTS: ("updated", "received"),
}


def suite(asked: Asked) -> list[Rule]:
    """Give the rules, in the order in which a row's broken rules are named."""
    later, earlier = _ORDER.get(asked.table.source, ("", ""))
    order = [in_order(f"{later}_not_before_{earlier}", later, earlier, Severity.WARN)] if later else []
    return [*of_the_table(asked), *order, *of_the_pull(asked)]
