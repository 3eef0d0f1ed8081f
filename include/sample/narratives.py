"""Invented complaint texts with invented personal data in some of them: canaries that privacy tests look for.

No person, number or address here is real: telephone numbers are of the ranges reserved for fiction (555-01xx, and
Ofcom's 01632 960xxx), addresses end in example.org (RFC 2606), names were made up.
"""

from dataclasses import dataclass

import numpy as np

_SHARE_WITH_CANARY = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone invented, as a careless complaint text names them."""

    name: str
    phone: str
    mail: str
    serial: str


PEOPLE = (
    Person(name="Marlies Quenstrup", phone="01632 960117", mail="m.quenstrup@example.org", serial="EPX-CANARY-70411"),
    Person(name="Odalric Vanterpool", phone="202-555-0143", mail="odalric.v@example.org", serial="EPX-CANARY-70412"),
    Person(name="Sunniva Brackenmoor", phone="01632 960845", mail="sunniva@example.org", serial="EPX-CANARY-70413"),
    Person(name="Tiberiu Holzapfelmann", phone="312-555-0188", mail="t.holz@example.org", serial="EPX-CANARY-70414"),
    Person(name="Ysolde Kettlewright", phone="01632 960502", mail="ysolde.k@example.org", serial="EPX-CANARY-70415"),
    Person(name="Benedikta Øvergaardsen", phone="415-555-0126", mail="b.oever@example.org", serial="EPX-CANARY-70416"),
)

_EVENTS = {
    "power": (
        "Pump switched off during infusion although the display had shown half a charge.",
        "Battery empty after four hours, low battery alarm came two minutes before.",
        "Does not start on battery, runs on mains only.",
    ),
    "under_delivery": (
        "Bag not empty at the end of the programmed time, about a fifth of the volume left.",
        "Delivered volume differs from the display.",
    ),
    "over_delivery": ("Bag ran empty long before the programmed end.",),
    "occlusion": (
        "Repeated occlusion alarm with open line, infusion interrupted.",
        "Occlusion upstream, line replaced, infusion continued.",
    ),
    "air": ("Air bubble in the line, no alarm until the line was shaken.",),
    "alarm": ("Alarm could not be heard in the next room.", "Alarm without a cause, several times a night."),
    "mechanical": ("Door latch broken after a fall.", "Housing cracked at the corner, pump still works."),
    "communication": ("Pump does not show up at the central station.",),
    "labelling": ("Quick guide shows another keypad than this pump has.",),
}

_OUTCOMES = ("No harm to the patient.", "Therapy was continued with a replacement pump.", "Nurse noticed at once.")


def narrative(kind: str, generator: np.random.Generator) -> tuple[str, Person | None]:
    """Give an invented text for a kind of complaint, and the invented person it names, None when it names nobody."""
    text = f"Simulated record. {_one(_EVENTS[kind], generator)} {_one(_OUTCOMES, generator)}"
    if generator.random() >= _SHARE_WITH_CANARY:
        return text, None
    person = PEOPLE[int(generator.integers(len(PEOPLE)))]
    contact = f"Reported by {person.name}, call back {person.phone} or {person.mail}, pump {person.serial}."
    return f"{text} {contact}", person


def _one(texts: tuple[str, ...], generator: np.random.Generator) -> str:
    return texts[int(generator.integers(len(texts)))]
