"""Bundles that the tests of loading share, built once per session into a cache of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from symc.load.module import Surrogate, load
from symc.toolchain import cache
from tests.load.bundles import make_bundle
from tests.tools import require

EQUATIONS = ("sin(x0)*exp(-x1) + x2", "x0*x1/(x2*x2 + 1)")
N_IN = 3


@pytest.fixture(scope="session", autouse=True)
def session_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("cache")
    before = os.environ.get(cache.ENVIRONMENT)
    os.environ[cache.ENVIRONMENT] = str(path)
    yield path
    if before is None:
        del os.environ[cache.ENVIRONMENT]
    else:
        os.environ[cache.ENVIRONMENT] = before


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two equations over three inputs, for C, Numba and CUDA."""
    return make_bundle(tmp_path_factory.mktemp("out"), "pair", EQUATIONS, N_IN, ("c", "numba", "cuda"))


@pytest.fixture(scope="session")
def jitted(tmp_path_factory: pytest.TempPathFactory) -> Surrogate:
    """The same equations for Numba alone, whose compiler takes seconds."""
    require("numba", module=True)
    return load(make_bundle(tmp_path_factory.mktemp("out"), "jitted", EQUATIONS, N_IN, ("numba",)))


@pytest.fixture(scope="session")
def module(bundle: Path) -> Surrogate:
    require("cc")
    return load(bundle)
