"""Equations as texts, as sympy's expressions, or in files of either."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from numpy.typing import NDArray

from symc.errors import SymcError
from symc.ir.formats import FLOAT32, Format
from symc.ir.wording import Wording
from symc.search.front import Front
from symc.search.member import Member
from symc.sources.equation_files import is_equation_file, read_document
from symc.sources.equation_text import Line, Named, at_its_place, features_of, outputs_of, read_lines, written_out
from symc.sources.fronts import FrontsOrigin
from symc.sources.given import Given
from symc.sources.measured import MEASURED, measured_in
from symc.sources.options import on_the_command_line
from symc.sources.protocol import Options, Source
from symc.sources.samples import domain_of, recording_of, samples_of


@dataclass(frozen=True)
class Equations:
    """Equations over the same inputs, in our own grammar; `domain` is what a file says of it, lo and hi per input.

    format: that of the code which they are compiled to.
    """

    equations: tuple[Named, ...]
    outputs: tuple[str, ...]
    features: tuple[str, ...]
    domain: tuple[tuple[float, float], ...] | None
    sha256: str
    wording: Wording
    format: Format = FLOAT32

    @property
    def fronts(self) -> tuple[Front, ...]:
        """Each equation as a front of its own, without a loss. SymcError for one that cannot be compiled."""
        members = [_member(e, self.features, self.format) for e in self.equations]
        return tuple(Front(name, (m,)) for name, m in zip(self.outputs, members, strict=True))

    def __str__(self) -> str:
        lines = [f"{name} = {e.source or e.text}" for name, e in zip(self.outputs, self.equations, strict=True)]
        return "\n".join([f"inputs {', '.join(self.features) or 'none'}", *lines])


class EquationsSource(Source[Equations]):
    accepts: ClassVar[str] = 'an equation ("y = 2*x0 + 1"), a .txt or .json file of equations'
    holds: ClassVar[str] = "equations"
    uses: ClassVar[frozenset[str]] = frozenset({"domain", "features", "define", "dialect", *MEASURED})

    def recognises(self, given: Given) -> bool:
        if given.equations is not None:
            return True
        return given.path is not None and given.kind is None and is_equation_file(given.path)

    def open(self, given: Given, options: Options) -> Equations:
        from symc.capture.sampling import ranges_of

        wanted, box = options.get("features"), None
        if given.equations is not None:
            lines = [Line(text, f"equation {k + 1}") for k, text in enumerate(given.equations)]
            content = "\n".join(given.equations).encode()
        else:
            assert given.path is not None
            document, content = read_document(given.path)
            lines, box = list(document.lines), document.domain
            wanted = wanted or document.features
        wording = Wording.of(options.get("define", ()))
        equations = tuple(written_out(e, wording) for e in read_lines(lines, options.get("dialect")))
        outputs = outputs_of(equations)
        features = features_of(equations, outputs, wanted)
        if not features:
            for e in equations:
                _member(e, ("x",), given.format)
            raise SymcError(
                "the equations have no inputs", where=given.where or "equation 1", hint="Name some: --features a,b,c."
            )
        domain = None if box is None else _pairs(ranges_of(box, features, str(given.path), given.format))
        digest = hashlib.sha256(content).hexdigest()
        return Equations(equations, outputs, features, domain, digest, wording, given.format)

    def origin(self, held: Equations, given: Given, options: Options) -> FrontsOrigin:
        from symc.capture.sampling import box_of

        fronts, domain = held.fronts, held.domain
        if "domain" in options:
            domain = _pairs(box_of(options["domain"], held.features, given.format))
        data = measured_in(options, held.features, held.outputs)
        if domain is None and data is not None:
            domain = domain_of(data)
        named = {
            name: options[name]
            for name in sorted(self.uses & set(options))
            if name != "domain" or isinstance(options[name], str)
        }
        if held.wording.definitions.texts:
            named["define"] = held.wording.definitions.texts
        return FrontsOrigin(
            kind="equations",
            sha256=held.sha256,
            features=held.features,
            fronts=fronts,
            domain=domain,
            recording=None if data is None else recording_of(data),
            samples=None if data is None else samples_of(data),
            search=None,
            chosen=tuple(front.members[0].complexity for front in fronts),
            arguments=(given.label, *on_the_command_line(named)),
            notes=({"dialect": options["dialect"]} if "dialect" in options else {}) | held.wording.options,
            format=given.format,
        )

    def describe(self, held: Equations) -> tuple[str, dict[str, Any]]:
        found = {name: e.text for name, e in zip(held.outputs, held.equations, strict=True)}
        return str(held), {"kind": "equations", "features": list(held.features), "equations": found}


def _member(equation: Named, features: tuple[str, ...], format: Format) -> Member:
    from symc.ir.parse import nodes_of
    from symc.ir.reading import ParseError
    from symc.sources.texts import member_of, respelled

    try:
        text = equation.text if equation.source is None else respelled(equation.text, features)
        found = member_of(text, features, nodes_of(text, features), math.nan, format=format)
    except ParseError as error:
        raise at_its_place(error, equation) from None
    if isinstance(found, str):
        raise SymcError(f"cannot be compiled: {found}", where=equation.where)
    return replace(found, source=equation.source)


def _pairs(box: NDArray[Any]) -> tuple[tuple[float, float], ...]:
    return tuple((float(low), float(high)) for low, high in box)
