"""The shortest searches that there are, for tests of what is before and behind one.

What a search costs is mostly the proofs and the tidying of what it found, and that of sums is little.
"""

from __future__ import annotations

from typing import Any

# The affine map is proposed in every search: linear blocks are found exactly.
AFFINE: dict[str, Any] = {"evaluations": 100, "operators": ["add"], "workers": 1}
# Where nothing looks at what is found: no map of several inputs.
SHORTEST: dict[str, Any] = {**AFFINE, "max_complexity": 3}
# The same on the command line.
SHORTEST_WORDS = ("--evaluations", "100", "--operators", "add", "--max-complexity", "3", "--workers", "1")
