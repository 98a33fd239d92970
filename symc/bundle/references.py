"""What the code of a bundle must mean: the text of each equation as the user gave it, told from the manifest alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symc.bundle.manifest import Equation
from symc.errors import CheckFailed, SymcError
from symc.ir.wording import Wording


def references(equations: Sequence[Equation], options: Mapping[str, str]) -> list[str]:
    """One text per equation, over the operator table; CheckFailed where the definitions in `options` do not fit."""
    wording = Wording.recorded(options)
    found = []
    for equation in equations:
        try:
            if isinstance(equation.source, str):
                found.append(wording.written_out(equation.source))
            else:
                found.append(equation.written if isinstance(equation.written, str) else equation.text)
        except SymcError as error:
            what = f"the text of {equation.output} does not fit its definitions: {error.what}"
            raise CheckFailed(what, where="manifest.json") from None
    return found
