"""The demo's data, written once for all tests of this folder."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from include.sample.fleet import Month
from include.sample.reconstruct_reports import write_reports
from include.sample.simulate_own_data import SEED, write_own_data

END = Month(2017, 12)
MONTHS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The files of the simulated data and what was planted in them."""

    complaints: Path
    exposure: Path
    performance: Path
    truth: dict[str, Any]


@pytest.fixture(name="written", scope="session")
def _written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    complaints, exposure, performance, truth = write_own_data(tmp_path_factory.mktemp("own"), END, MONTHS, SEED)
    return Written(
        complaints=complaints,
        exposure=exposure,
        performance=performance,
        truth=json.loads(truth.read_text(encoding="utf-8")),
    )


@pytest.fixture(name="reports_file", scope="session")
def _reports_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reports(tmp_path_factory.mktemp("reports"), seed=2017)
