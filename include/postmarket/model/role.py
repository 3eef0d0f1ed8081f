"""The roles of people: who may move a signal, decide and sign (21 CFR 11.10(g))."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is authorised for; ``system`` is the pipeline itself and is never granted.

    An ``administrator`` enrols signers and sets first passwords, and therefore never signs (21 CFR 11.200(a)(3): misuse
    of a signature takes two people).
    """

    SIGNAL_REVIEWER = "signal_reviewer"
    MEDICAL = "medical"
    RISK = "risk"
    QUALITY_APPROVER = "quality_approver"
    OWNER = "owner"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"
