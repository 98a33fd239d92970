"""Bundles that several tests look at; none of them changes one."""

from __future__ import annotations

import pytest

from symc.building import Bundle
from tests.float64.bundles import COVERAGE, build


@pytest.fixture(scope="session")
def coverage(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return build(tmp_path_factory.mktemp("float64"), COVERAGE, target="c,cuda")
