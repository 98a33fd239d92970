"""PySR's halls of fame as fronts; equations go through our own parser only."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from symc.capture.names import default_names, identifiers, own_names
from symc.errors import CheckFailed, SymcError
from symc.ir.definitions import call_of
from symc.ir.formats import FLOAT32, Format
from symc.ir.reading import UNKNOWN, ParseError, read
from symc.ir.templates import is_template
from symc.ir.wording import Wording
from symc.search.front import Front
from symc.search.member import Member
from symc.sources.pysr_csv import Table, read_tables
from symc.sources.pysr_rows import BadRow, Row
from symc.sources.texts import member_of, respelled
from symc.tables import labels, shortened

_INDEXED = re.compile(r"x(0|[1-9]\d{0,8})\Z")
# Not a function's name, and not the exponent letter of a number.
_IDENTIFIER = re.compile(r"(?<![\w.])[^\W\d]\w*(?!\w|\s*\()")
_IN_ORDER = "Name the run's inputs in order: --features a,b,c."
_MOST_INPUTS = 10_000
_PLAIN = Wording()
_SHOWN = 5


@dataclass(frozen=True)
class Left:
    """What one output's table holds beside its members: reason by complexity, rows by operator that is not known, and
    how these operators are called, as "bump(x, y)"."""

    file: Path
    reasons: Mapping[int, str] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)
    calls: Mapping[str, str] = field(default_factory=dict)

    def refusal(self, output: str, rest: str) -> CheckFailed:
        """That too many equations use what is not known, with the definition that would mend it."""
        name, rows = max(self.unknown.items(), key=lambda pair: pair[1])
        return CheckFailed(
            f"of the equations of {output}, {rows} use the operator {name!r}, which is not known, and {rest}",
            where=str(self.file),
            hint=f'Define it as the run did: --define "{self.calls[name]} = ...".',
        )


@dataclass(frozen=True)
class HallOfFame:
    """The fronts in one or several files of a PySR run, complexities and losses as PySR wrote them.

    `files` are those that were read, `notes` say why where they are not those that were named; `left` is beside each
    front; `sha256` is over the contents in output order, `wording` what the texts are written in,
    `own_names` what the features are called, where that is not all identifiers.
    """

    fronts: tuple[Front, ...]
    features: tuple[str, ...]
    files: tuple[Path, ...]
    sha256: str
    left: tuple[Left, ...]
    notes: tuple[str, ...] = ()
    wording: Wording = _PLAIN
    own_names: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [*self.notes, f"inputs {', '.join(labels(self.features, self.own_names))}"]
        for front, left in zip(self.fronts, self.left, strict=True):
            parts.append(str(replace(front, dropped=())))
            if front.dropped:
                lines = [f"  {text}: {reason}" for text, reason in front.dropped]
                means = [f'Say what it means, as the run did: --define "{call} = ...".' for call in left.calls.values()]
                parts.append("\n".join([f"left out of {front.output}:", *lines, *means]))
        return "\n\n".join(parts)


def read_hall_of_fame(
    paths: str | Path | Sequence[str | Path],
    features: Sequence[str] | None = None,
    wording: Wording = _PLAIN,
    format: Format = FLOAT32,
) -> HallOfFame:
    """Read a hall_of_fame.csv, the files of a multi-output run (`hall_of_fame_output1.csv` ...), or a run's folder.

    See read_tables for which files are read. The inputs are `features`, or else x0..xK up to the highest index that
    occurs in any of the files; given names stand for x0, x1, ... in order where the run was made without names.
    `wording` holds what the equations are written in beside the operators that are known, `format` is that of the code
    to come. A row that is no equation, whose operators are not known, or whose loss is not finite, is dropped with its
    reason. Raises SymcError for a table without any other row, CheckFailed where that is for want of an operator, and
    SymcError where rows use inputs that have no name.
    """
    found = read_tables([Path(paths)] if isinstance(paths, str | Path) else [Path(p) for p in paths])
    _check_combined(found, wording)
    names = [_names(_written_out(row, wording)) for table in found for row in table.rows]
    if wording.combine is not None and features is None:
        _check_numbered(names)
    own = _inputs(names) if features is None else features
    inputs = _Inputs(own, identifiers(own, "input"))
    strange = _strange(found, wording, inputs)
    wording = wording.renamed(inputs.renamed)
    fronts, left = [], []
    for name, table in zip(default_names("y", len(found)), found, strict=True):
        front, beside = _front(name, table, wording, inputs, strange, format)
        fronts.append(front)
        left.append(beside)
    digest = hashlib.sha256(b"".join(hashlib.sha256(table.content).digest() for table in found)).hexdigest()
    notes = tuple(table.note for table in found if table.note is not None)
    files, named = tuple(table.file for table in found), own_names(own, inputs.names)
    return HallOfFame(tuple(fronts), inputs.names, files, digest, tuple(left), notes, wording, named)


class _Inputs:
    """The inputs' identifiers `names`, and which of them a name in the text of a run stands for."""

    def __init__(self, own: Sequence[str], names: tuple[str, ...]) -> None:
        self.names = names
        # PySR writes _ for a space.
        spaced = {name.replace(" ", "_"): found for name, found in zip(own, names, strict=True)}
        self._by_text = spaced | dict(zip(own, names, strict=True))

    def renamed(self, equation: str) -> str:
        """The equation over `names`, which stand for PySR's own x0, x1, ... too."""
        return _IDENTIFIER.sub(lambda match: self._name(match[0]), equation)

    def _name(self, text: str) -> str:
        index = _INDEXED.match(text)
        if text in self._by_text or index is None or int(index[1]) >= len(self.names):
            return self._by_text.get(text, text)
        return self.names[int(index[1])]


def _inputs(names: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """x0..xK up to the highest index that occurs in the names of the rows."""
    indices = [int(i[1]) for row in names for name in row if (i := _INDEXED.match(name))]
    return default_names("x", max((i for i in indices if i < _MOST_INPUTS), default=0) + 1)


def _strange(tables: Sequence[Table], wording: Wording, inputs: _Inputs) -> frozenset[str]:
    """Names that are no inputs, each in one row only, while other rows use inputs: these rows are at fault.

    SymcError for a name that says rather that the names of the inputs are not those of the run.
    """
    places: dict[str, list[str]] = {}
    sound = False
    for table in tables:
        for row in table.rows:
            text = inputs.renamed(_written_out(row, wording))
            names = _names(text)
            unknown = {name for name in names if name not in inputs.names and name != "pi"}
            sound |= bool(names) and not unknown
            for name in sorted(unknown):
                # What is no equation at all must not be taken for an input of that name.
                if _is_equation(text):
                    places.setdefault(name, []).append(f"{table.file}, {row.where}")
    for name, rows in places.items():
        if not sound or len(rows) > 1:
            raise _nameless(name, rows[0], inputs.names)
    return frozenset(places)


def _check_combined(tables: Sequence[Table], wording: Wording) -> None:
    """SymcError where most rows hold parts of a template, and nothing says how they make an equation."""
    rows = [(table, row) for table in tables for row in table.rows]
    parts = [(table, row) for table, row in rows if is_template(row.equation)]
    if wording.combine is None and 2 * len(parts) > len(rows):
        table, row = parts[-1]
        try:
            wording.written_out(row.equation)
        except SymcError as error:
            raise SymcError(error.what, where=f"{table.file}, {row.where}", hint=error.hint) from None


def _check_numbered(names: Sequence[Sequence[str]]) -> None:
    """SymcError where a template counts its inputs from another number than 0: which columns are meant?"""
    numbers = {int(index[1]) for row in names for name in row if (index := _INDEXED.match(name))}
    if numbers and 0 not in numbers:
        what = f"the combine uses x{min(numbers)} and not x0, so that it does not say which columns are meant"
        raise SymcError(what, where="--combine", hint="Name the inputs in order: --features x1,x2.")


def _written_out(row: Row, wording: Wording) -> str:
    """The row in the operator table alone; as it is where that cannot be."""
    try:
        return wording.written_out(row.equation)
    except SymcError:
        return row.equation


def _is_equation(text: str) -> bool:
    """Whether text is an equation over whatever names there are in it."""
    try:
        read(_IDENTIFIER.sub("name", text), ["name"])
    except SymcError:
        return False
    return True


def _nameless(name: str, where: str, inputs: Sequence[str]) -> SymcError:
    index = _INDEXED.match(name)
    if index is None:
        what = f"the equation uses the input {shortened(name)!r}, and no such name is given"
    elif int(index[1]) >= _MOST_INPUTS:
        what = f"the equation uses {name}: more than {_MOST_INPUTS} inputs"
    else:
        what = f"the equation uses {name}, but {len(inputs)} names are given"
    return SymcError(what, where=where, hint=_IN_ORDER)


def _names(equation: str) -> list[str]:
    """The identifiers that are not called."""
    return _IDENTIFIER.findall(equation)


def _front(
    name: str, table: Table, wording: Wording, inputs: _Inputs, strange: frozenset[str], format: Format
) -> tuple[Front, Left]:
    members: dict[int, Member] = {}
    bad = list(table.bad)
    for row in sorted(table.rows, key=lambda r: (r.complexity, r.loss)):
        odd = next((n for n in _names(_written_out(row, wording)) if n in strange), None)
        found = _member(row, wording, inputs, format) if odd is None else f"{row.where}: {odd!r} is no input"
        if row.complexity in members:
            found = f"{row.where}: another row of complexity {row.complexity} has a lower loss"
        if isinstance(found, Member):
            members[row.complexity] = found
        else:
            bad.append(BadRow(row.where, row.complexity, row.equation[:200], found))
    unknown = Counter(match[1] for row in bad if (match := UNKNOWN.match(row.reason)))
    calls = {op: next(call_of(row.text, op) for row in bad if f"{op!r}" in row.reason) for op in unknown}
    sizes = ((row.complexity, row.reason) for row in bad)
    reasons_by_size = {size: reason for size, reason in sizes if size is not None and size not in members}
    left = Left(table.file, reasons_by_size, unknown, calls)
    if not members and 2 * sum(unknown.values()) > len(bad):
        raise left.refusal(name, "none of the others can be used")
    if not members:
        reasons = "; ".join(f"{row.text[:60]}: {row.reason}" for row in bad[:_SHOWN])
        rows = f"none of the {len(bad)} equations can be used"
        raise SymcError(rows, where=str(table.file), hint=f"The first: {reasons}.")
    dropped = tuple((row.text, row.reason) for row in bad)
    return Front(name, tuple(members.values()), dropped), left


def _member(row: Row, wording: Wording, inputs: _Inputs, format: Format) -> Member | str:
    """The row as a member, or the reason why it cannot be one."""
    source, place = inputs.renamed(row.equation), row.where
    try:
        text = wording.written_out(source)
        if text == source:
            return member_of(text, inputs.names, row.complexity, row.loss, format=format)
        place = f"{row.where}, written out"
        plain = respelled(text, inputs.names)
        found = member_of(plain, inputs.names, row.complexity, row.loss, format=format)
        return found if isinstance(found, str) else replace(found, source=source)
    except ParseError as error:
        first = error.what.partition("\n")[0]
        return first if UNKNOWN.match(first) else f"{place}, column {error.column}: {first}"
    except SymcError as error:
        return f"{row.where}: {error.what}"
