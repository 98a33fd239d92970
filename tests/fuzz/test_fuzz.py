"""Ten thousand hostile files in every run: each is refused in a sentence or read, and nothing else happens."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from tests.fuzz.guard import fault, limited_memory
from tests.fuzz.mutate import mutated
from tests.fuzz.ways import WAYS
from tests.tools import require


def test_there_are_ten_thousand() -> None:
    assert sum(way.quick for way in WAYS.values()) >= 10_000


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited by /proc and RLIMIT_AS")
@pytest.mark.parametrize("name", WAYS)
def test_hostile_files_of(name: str, tmp_path: Path) -> None:
    way = WAYS[name]
    for program in way.programs:
        require(program)
    seeds, rng = way.seeds(), random.Random(name)
    faults: dict[str, tuple[bytes, str]] = {}
    for seed in seeds:
        assert fault(way.use, seed, tmp_path, way.programs) is None
    with limited_memory():
        for _ in range(way.quick):
            data = mutated(rng.choice(seeds), rng, seeds)
            found = fault(way.use, data, tmp_path, way.programs)
            if found is not None:
                faults.setdefault(found.key, (data[:400], found.told))
    assert not faults, "\n\n".join(f"{key}: {data!r}\n{told}" for key, (data, told) in faults.items())
