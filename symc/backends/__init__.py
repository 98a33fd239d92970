"""Unit -> sources."""

from __future__ import annotations

from collections.abc import Sequence

from symc import resources
from symc.backends.names import check_name, decimal
from symc.backends.registry import BACKENDS
from symc.backends.unit import Unit
from symc.errors import SymcError

__all__ = ["BACKENDS", "Unit", "check_name", "sources"]


def sources(unit: Unit, targets: Sequence[str]) -> dict[str, bytes]:
    """The files of a bundle: path inside it -> content, sorted by path; the same unit gives the same bytes.

    Raises SymcError for an unknown target or a name that cannot prefix symbols.
    """
    check_name(unit.name)
    unknown = [target for target in targets if target not in BACKENDS]
    if unknown or not targets:
        problem = f"there is no target {unknown[0]!r}" if unknown else "no target is given"
        raise SymcError(problem, where="--target", hint=f"The targets are: {', '.join(BACKENDS)}.")
    # The package is imported by whatever looks at a unit; templates are for those who write one.
    from symc.backends.layers import layers
    from symc.backends.render import render
    from symc.backends.view import view

    context = view(unit) | {"layers": layers(unit.program, decimal), "fixed": unit.fixed is not None}
    if unit.fixed is not None:
        from symc.backends.fixed import describe

        context |= describe(unit, unit.fixed)
    own = resources.templates() / "bundle"
    licence = (own / "LICENSE").read_bytes()
    made = {
        "LICENSE": licence,
        # Where the REUSE specification wants it.
        "LICENSES/Apache-2.0.txt": licence,
        "REUSE.toml": (own / "REUSE.toml").read_bytes(),
        "README.md": render("bundle/README.md.jinja", **context, targets=[t for t in BACKENDS if t in targets]),
    }
    for target in BACKENDS:
        if target in targets:
            made.update(BACKENDS[target].files(unit))
    return dict(sorted(made.items()))
