"""Where the data of the long proofs lies: data that may be read but not kept in this repository."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder that PROOF_DATA names; `make proof` sets it."""
    return Path(os.environ["PROOF_DATA"])
