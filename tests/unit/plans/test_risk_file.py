"""Risk files: scales that give every probability one level, and items that fit them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from include.postmarket.model.finding import FaultyContentError
from include.postmarket.model.risk import RiskFile
from include.postmarket.plans.risk_file import load_risk_file

RISK_FILE = """\
id: risks
version: "1"
matrix:
  id: m
  per: device_day
  severities: [minor, serious]
  bands: [0, 1e-3]
  cells:
    - [acceptable, investigate]
    - [investigate, unacceptable]
items:
  - id: H-1
    hazard: Loss of power
    sequence_of_events: Battery fails
    hazardous_situation: Infusion stops
    harm: Injury
    severity: 2
    p1: 1e-4
    p2: 1e-3
    prior_exposure: 1000
    exposure_unit: device_day
    controls: [R-1]
"""


Write = Callable[[str], Path]


@pytest.fixture(name="write")
def _write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "risk_file.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_faultless(write: Write, risk_file: RiskFile) -> None:
    """The file is the risk file it describes."""
    actual = load_risk_file(write(RISK_FILE))

    assert risk_file == actual


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("[0, 1e-3]", "[1e-6, 1e-3]", 7, "must start at 0, rise, and stay below 1"),
        ("[0, 1e-3]", "[0, 0]", 7, "must start at 0, rise, and stay below 1"),
        ("[0, 1e-3]", "[0, 1]", 7, "must start at 0, rise, and stay below 1"),
        ("[0, 1e-3]", "[0, 1e-4, 1e-3]", 8, "must hold 3 rows, one per band, holds 2"),
        ("[acceptable, investigate]", "[acceptable]", 9, "must hold 2 cells, one per severity, holds 1"),
        ("[acceptable, investigate]", "[investigate, acceptable]", 9, "becomes more acceptable with a higher severity"),
        (
            "[investigate, unacceptable]",
            "[acceptable, acceptable]",
            10,
            "becomes more acceptable with a higher probability",
        ),
        ("[acceptable, investigate]", "[acceptable, fine]", 9, "must be one of 'acceptable', 'investigate' or"),
        ("severity: 2", "severity: 3", 17, "must be 1 to 2, is 3"),
        ("severity: 2", "severity: 0", 17, "must be 1 to 2, is 0"),
        ("severity: 2", "severity: 1.5", 17, "must be a whole number, is 1.5"),
        ("p1: 1e-4", "p1: 1.1", 18, "is a probability above 0 and up to 1, is 1.1"),
        ("p2: 1e-3", "p2: 0", 19, "is a probability above 0 and up to 1, is 0"),
        ("prior_exposure: 1000", "prior_exposure: 0", 20, "must be above 0, is 0"),
        ("exposure_unit: device_day", "exposure_unit: procedure", 21, "is 'procedure', but the matrix counts per"),
        ("[R-1]", "[]", 22, "names no requirement that controls the risk"),
        ("harm: Injury", "harm: ' '", 16, "must not be empty"),
        ("hazard: Loss", "hazzard: Loss", 13, "unknown key 'hazzard'; did you mean 'hazard'?"),
    ],
)
def test_faults(write: Write, old: str, new: str, line: int, expected: str) -> None:
    """Each fault is told on the line where it stands."""
    with pytest.raises(FaultyContentError) as refused:
        load_risk_file(write(RISK_FILE.replace(old, new)))

    actual = [(finding.line, finding.message) for finding in refused.value.findings]

    assert any(at == line and message.startswith(expected) for at, message in actual), actual


def test_all_faults_at_once(write: Write) -> None:
    """A bad matrix and a bad item are told together, and a doubled risk too."""
    item = RISK_FILE[RISK_FILE.index("  - id: H-1") :]
    spoiled = RISK_FILE.replace("[0, 1e-3]", "[0, 2]").replace("severity: 2", "severity: 7") + item

    with pytest.raises(FaultyContentError) as refused:
        load_risk_file(write(spoiled))

    expected = [7, 17, 23]

    assert expected == [finding.line for finding in refused.value.findings]
