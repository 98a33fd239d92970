"""Bundles that several tests look at; none of them changes one."""

from __future__ import annotations

import pytest

from symc.building import Bundle
from tests.fixed.bundles import COVERAGE, DOMAIN, build


@pytest.fixture(scope="session")
def coverage(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return build(tmp_path_factory.mktemp("fixed"), COVERAGE, DOMAIN)


@pytest.fixture(scope="session")
def coverage16(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return build(tmp_path_factory.mktemp("fixed16"), COVERAGE, DOMAIN, "fixed16")


@pytest.fixture(scope="session")
def one_format(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return build(tmp_path_factory.mktemp("q"), COVERAGE[:5], DOMAIN, "q15.16")
