"""Files of every format, damaged at seeded places: a register or a message with its place, never a traceback."""

import json
import random
from pathlib import Path

import pytest

from include.postmarket.model.errors import PostmarketError
from include.postmarket.requirements.importing import Format, import_file
from include.postmarket.requirements.mapping import Mapping
from tests.unit.requirements.test_development import LOG
from tests.unit.requirements.test_jira_export import DOC, LINK, issue
from tests.unit.requirements.test_junit import PYTEST
from tests.unit.requirements.test_needs import NEED, TEST, needs
from tests.unit.requirements.test_reqif import OBJECTS, OUTLINE, relation, reqif
from tests.unit.requirements.test_strictdoc import DOCUMENT
from tests.unit.requirements.test_tables import workbook

FILES: dict[Format, bytes] = {
    Format.REQIF: reqif(OBJECTS, relation("_2", "_3"), OUTLINE).encode(),
    Format.STRICTDOC: DOCUMENT.encode(),
    Format.NEEDS: json.dumps(needs(v2={"needs": {"REQ_1": NEED, "TC_1": TEST}, "needs_amount": 2})).encode(),
    Format.CSV: b'id,text,parents\nR-1,"The pump; it shall stop.",\nR-2,It shall.,R-1\n',
    Format.XLSX: workbook(["ID", "Text"], ["R-1", "It shall."]),
    Format.JIRA: json.dumps({"total": 1, "issues": [issue("R-1", description=DOC, issuelinks=[LINK])]}).encode(),
    Format.JUNIT: PYTEST.encode(),
    Format.GIT_LOG: LOG.encode(),
    Format.PULL_REQUESTS: b'[{"number": 7, "title": "Stop R-1", "body": "For R-1"}]',
}
ROUNDS = 25


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Give a file that was cut, or in which one to four bytes are others, or a piece stands twice."""
    kind = chance.randrange(3)
    if kind == 0:
        return content[: chance.randrange(len(content))]
    if kind == 1:
        changed = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        return bytes(changed)
    start, end = sorted(chance.randrange(len(content)) for _ in range(2))
    return content[:end] + content[start:]


@pytest.mark.parametrize("form", FILES, ids=str)
def test_a_damaged_file_is_read_or_refused(form: Format, tmp_path: Path) -> None:
    """Whatever is broken, the answer is an import with at least one item or an error of the house; some are refused."""
    chance = random.Random(form.value)
    path = tmp_path / "damaged"
    refusals = []
    for _ in range(ROUNDS):
        path.write_bytes(damaged(FILES[form], chance))
        try:
            found = import_file(path, Mapping(), ("R-1",), form)
        except PostmarketError as error:
            refusals.append(str(error))
        else:
            assert found.register.items or found.listed

    assert refusals != []
    assert [told for told in refusals if str(path) not in told] == []
