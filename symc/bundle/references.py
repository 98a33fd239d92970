"""What the code of a bundle must mean: the text of each equation as the user gave it, told from the manifest alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symc.bundle.manifest import Equation
from symc.errors import CheckFailed, SymcError
from symc.ir.reading import read
from symc.ir.wording import Wording


def references(equations: Sequence[Equation], options: Mapping[str, str], names: Sequence[str]) -> list[str]:
    """One text per equation, over the operator table and the inputs' `names`.

    CheckFailed where what `options` define does not fit.
    """
    wording = Wording.recorded(options)
    found = []
    for equation in equations:
        try:
            if isinstance(equation.source, str):
                text = wording.written_out(equation.source)
                read(text, names)
                found.append(text)
            else:
                found.append(equation.written if isinstance(equation.written, str) else equation.text)
        except SymcError as error:
            what = f"the text of {equation.output} does not fit its definitions: {error.what}"
            raise CheckFailed(what, where="manifest.json") from None
    return found
