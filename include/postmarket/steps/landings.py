"""What was landed, by batch: kept beside the bytes, so that a retry judges a batch by the day of its first pull."""

import json

from include.postmarket.model.batch import Landing
from include.postmarket.model.canonical import canonical_json
from include.postmarket.records.codec import decode
from include.postmarket.steps.house import House


def keep_landing(house: House, landed: Landing) -> Landing:
    """Keep a landing under its batch, and give what is kept: the first one."""
    key = _key(landed.batch)
    if not house.lake.store.has(key):
        house.lake.store.put(key, canonical_json(landed))
    return landing_of(house, landed.batch)


def landing_of(house: House, batch: str) -> Landing:
    """Give the landing of a batch. Raises IntegrityError when nothing was landed under that name."""
    return decode(Landing, json.loads(house.lake.store.get(_key(batch))))


def _key(batch: str) -> str:
    return f"landings/{batch}.json"
