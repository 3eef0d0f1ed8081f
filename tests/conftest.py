"""What every test shares: where the reference data lie, and the skip that says so where they are absent."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of reference data, or skip: users do not have it, and the product works without it."""
    if not (SHARED / "DATA.md").is_file():
        pytest.skip(f"no reference data: {SHARED} is absent")
    return SHARED
