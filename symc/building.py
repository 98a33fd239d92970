"""build: from a model to a verified bundle on disk, in one function that reads from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symc.arithmetic import usual
from symc.assembling import assemble
from symc.backends import check_name
from symc.backends.derived import JACOBIAN, read_derivatives
from symc.backends.registry import check_targets
from symc.backends.selftest import check_form
from symc.bundle import Manifest, write_bundle
from symc.bundle.accuracy import ACCURATE
from symc.bundle.constants import SHORTEN, read_tolerance
from symc.bundle.demands import REQUIRE, read_demands
from symc.bundle.numbers import NUMBERS, is_double
from symc.bundle.order import Order, choice_of
from symc.bundle.ranges import ALLOW_POLES
from symc.bundle.unit import DERIVATIVES, OUTSIDE
from symc.bundle.write import check_replaceable, check_same_model
from symc.describe import describe
from symc.errors import SymcError
from symc.evidence.fit import FIT, Tried, check_rule, fit
from symc.insight.limits import PARITY_MEASURES, read_limits, write_limits
from symc.ir.formats import FLOAT32, FLOAT64
from symc.meaning.units import read_units
from symc.pack.registry import PACKERS
from symc.sources.equation_text import Equations
from symc.sources.given import Given
from symc.sources.protocol import Origin
from symc.sources.registry import resolve

if TYPE_CHECKING:
    from symc.evidence.budget import Budget
    from symc.evidence.device import Cost
    from symc.pack.package import Package, Prepared


@dataclass(frozen=True)
class Bundle:
    """A bundle on disk: its folder, its manifest and the packages made of it; prints as a short table.

    costs: what was measured where costs were limited. tried: the equations that select="fit" found not to fit.
    """

    path: Path
    manifest: Manifest
    packages: tuple[Package, ...] = ()
    costs: tuple[Cost, ...] = ()
    tried: tuple[Tried, ...] = ()

    def __str__(self) -> str:
        costs = [f"Fits {cost.core}: {cost}." for cost in self.costs]
        parts = [describe(self.manifest, str(self.path)), *costs, *(f"Passed over: {tried}." for tried in self.tried)]
        return "\n\n".join([*parts, *map(str, self.packages)])


@usual
def build(
    model: Any = None,
    *,
    out: str | Path,
    equation: str | Sequence[str] = (),
    target: str | Sequence[str] = "c",
    name: str | None = None,
    select: str | None = None,
    complexity: int | Sequence[int] | None = None,
    require: Mapping[str, float] | Sequence[str] | str = (),
    allow_poles: bool = False,
    selftest: str = "short",
    outside: str | None = None,
    derivatives: str | Sequence[str] = (),
    units: str | None = None,
    accurate: bool = False,
    shorten_constants: bool | float | str | None = None,
    numbers: str | None = None,
    pack: str | Sequence[str] = (),
    limit: str | None = None,
    core: str | Sequence[str] = (),
    replace: bool = False,
    **distillation: Any,
) -> Bundle:
    """Compile the equations of `model` and write the bundle OUT/NAME.

    Parameters
    ----------
    model: a distilled SymbolicModule, a fitted SymbolicRegressor or regressor of scikit-learn, or the path (or paths)
        of a file that symc.sources.registry.resolve recognises: a module or a compressed block saved by symc, a
        network, a PySR hall of fame, a .txt or .json file of equations; or equations themselves, as texts or sympy's
        expressions.
    equation: texts that are equations, in place of a model: "y = 2.5*cos(x3) + x0^2". A text given as model is one too
        where it has operators and is not written as a file's name is.
    out: folder for the bundle's folder; created when it does not exist.
    target: "c", "cuda", "numba", or several of them.
    name: prefix of every C symbol, and the folder's name; by default made of the model's file name
        (symc.backends.names.default_name), of equations that of the only output, else "equations".
    select: how to choose from each Pareto front: "best", "accuracy" or "score" as PySR defines them, "knee", where more
        nodes begin to gain little, or "cheapest:TOL", the cheapest within TOL of the best held-out error, or "fit", the
        most accurate that keeps `limit` (see symc.evidence.fit.fit). `complexity` chooses directly. With neither: what
        the module was switched to, else "best".
    require: limits on the errors against the network, as texts ("rmse<=0.01", "y0.largest<=0.1", "r2>=0.99") or as a
        dict; see symc.insight.limits.check_parity. Among the texts also what is to be proved for every input of the
        domain: "positive", "nonnegative", "rising(x0)", "falling(x0)", "monotone(x0)", "even(x0)", "odd(x0,x1)",
        "symmetric(x0,x1)", "antisymmetric(x0,x1)", of one output as "y0.positive", and "conserved(y0,y1)" or
        "conserved(y0+y1=x0)" of several; see symc.bundle.demands.prove.
        CheckFailed, and no bundle, where the equations do not keep them.
    allow_poles: build even where the code has a pole, no value, or overflows somewhere in the domain. Without it that
        is CheckFailed, naming the input; a rule passes such equations over while there are others.
    selftest: form of the self-test that ships with the C: "short", less than 1 kB of flash, or "full", which goes
        through 16 times as many points and calls every function of the runtime by itself as well.
    outside: adds the function NAME_guarded to the C, which takes any inputs. Outside the domain it gives the results of
        the nearest point of the domain ("clamp"), NaN ("nan"), or leaves those of the call before ("hold").
    derivatives: functions for derivatives, "jacobian" (the default), "vjp", "jvp", "hessian" or several of them: all
        derivatives, those along a direction backwards or forwards (as torch.func names them), the second derivatives.
    units: of the inputs and outputs in order, as "bar, K -> kg/m3" (see symc.meaning.units): written beside each in the
        bundle, with a warning where an equation cannot be right in them. Nothing is converted.
    accurate: rewrite the code by identities (expm1(x) for exp(x) - 1, (x - y)*(x + y) for x^2 - y^2 ...) where that is
        proved to lose less in rounding, in the domain; the text stays what it means.
    shorten_constants: write constants with the fewest digits that keep every output within a proved bound of what the
        text gives, anywhere in the domain: a share of the output's largest value (1e-4), or "rounding" (or True), the
        bound of the code's own rounding errors. The manifest keeps the text as given.
    numbers: "float" (float32, the default), "float64" for double precision (docs/float64.md), "fixed" for code in
        integers alone, each value in the finest format that its proved range allows, "fixed16" for the same in words
        of 16 bits, or "q15.16", "q7.8" and the like, one format for all values; see symc.fixed.plan.plan. The limits
        of `require` are then held against what that code gives.
    pack: formats of packages (symc.pack.registry.PACKERS), each of which becomes the folder OUT/FORMAT/NAME; see
        symc.pack.package.pack.
    limit: what NAME_eval may cost on each `core`, as "flash=2k,stack=256,instructions=5000"; measured in its emulator
        (see symc.evidence.costs.cost). CheckFailed, and no bundle, where it costs more.
    replace: put the bundle in the place of another model's that has the same name, where no name is given. Without it
        only one of the same model gives way.
    distillation: what a network needs to be distilled first (`inputs` or `domain`, `layer`, `engine`,
        `evaluations`, `time_budget`, `seed`, `features`, `trust`, `module` ...), and `scale`, a file of scalers around
        any model: see symc.sources.registry.resolve.

    Raises SymcError for bad input, and leaves an earlier bundle as it was whenever it raises.
    """
    tolerance = None if shorten_constants in (None, False) else read_tolerance(shorten_constants)
    model = _one_model(model, equation)
    targets = check_targets(target)
    check_form(selftest)
    # A name that was asked for says which bundle is meant; two models may share the one made of their files' names.
    chosen = replace or name is not None
    name = Given(model).name(targets) if name is None else check_name(name)
    formats = check_formats(pack, name, targets)
    check_replaceable(Path(out) / name)
    budget = _budget(limit, core, targets)
    check_rule(select, complexity, budget)
    demands, others = read_demands([require] if isinstance(require, str) else list(require))
    limits = read_limits(require if isinstance(require, Mapping) else others, PARITY_MEASURES)
    required = (*write_limits(limits), *map(str, demands))
    asked = choice_of(select, complexity)
    if required:
        asked[REQUIRE] = " ".join(required)
    if allow_poles:
        asked[ALLOW_POLES] = "yes"
    if accurate:
        asked[ACCURATE] = "yes"
    if tolerance is not None:
        asked[SHORTEN] = tolerance
    if outside is not None:
        asked[OUTSIDE] = outside
    kinds = read_derivatives(derivatives)
    if kinds and kinds != (JACOBIAN,):
        asked[DERIVATIVES] = ",".join(kinds)
    of_float = {"derivatives": kinds and derivatives, "outside": outside, "accurate": accurate}
    of_float |= {"selftest": selftest != "short", "allow-poles": allow_poles}
    if numbers == FLOAT64.name:
        of_float |= dict.fromkeys(("derivatives", "allow-poles", "outside"), False)
        of_float["shorten-constants"] = tolerance is not None
        if budget is not None:
            budget.check_doubles()
    of_float |= {f'{REQUIRE} "{demand}"': True for demand in demands}
    if numbers is not None:
        from symc.bundle.fixing import check_numbers

        if (kind := check_numbers(numbers, targets, of_float)) is not None:
            asked[NUMBERS] = kind
    if budget is not None:
        asked |= budget.asked
    given_units = None if units is None else read_units(units)
    order = Order(name, targets, asked, demands, limits, required, selftest, given_units, kinds)

    seen = None if chosen else partial(check_same_model, Path(out) / name)
    origin = resolve(model, seen=seen, format=FLOAT64 if is_double(asked) else FLOAT32, **distillation)
    costs: tuple[Cost, ...] = ()
    tried: tuple[Tried, ...] = ()
    if select == FIT and budget is not None:
        members = origin.choose("accuracy", None).fronts
        (manifest, files), costs, tried = fit(members, partial(_named, origin, order), budget)
    else:
        manifest, files = assemble(origin, select, complexity, order)
        if budget is not None:
            costs = budget.kept(manifest, files)
    packages = _packages(manifest, files, Path(out), formats)
    place = write_bundle(Path(out), manifest, files)
    return Bundle(place, manifest, tuple(package.write() for package in packages), costs, tried)


# What few builds ask for is imported for those alone: emulators, packages and fixed point cost each start a tenth.
def _budget(limit: str | None, core: str | Sequence[str], targets: Sequence[str]) -> Budget | None:
    if not limit and not core:
        return None
    from symc.evidence.budget import Budget

    return Budget.read(limit, core, targets)


def _packages(manifest: Manifest, files: dict[str, bytes], out: Path, formats: Sequence[str]) -> list[Prepared]:
    if not formats:
        return []
    from symc.pack.contents import contents_of
    from symc.pack.package import prepare

    return [prepare(contents_of(manifest, files, None, None, None), f, out / f) for f in formats]


def _named(origin: Origin, order: Order, complexity: Sequence[int]) -> tuple[Manifest, dict[str, bytes]]:
    return assemble(origin, None, complexity, order.of(complexity))


def check_formats(pack: str | Sequence[str], name: str, targets: Sequence[str]) -> tuple[str, ...]:
    """The formats of `pack`, each once; SymcError for an unknown one, without C, or where it is the bundle's name."""
    asked = [pack] if isinstance(pack, str) else list(pack)
    formats = tuple(dict.fromkeys(part.strip() for text in asked for part in str(text).split(",") if part.strip()))
    for format in formats:
        PACKERS[format]
        if format == name:
            hint = "Choose another --name, or call symc pack with --out."
            raise SymcError(f"the packages' folder {format} would be the bundle's own", where="--pack", hint=hint)
    if formats and "c" not in targets:
        raise SymcError("packages are made of C", where="--pack", hint="Add --target c.")
    return formats


def _one_model(model: Any, equation: str | Sequence[str]) -> Any:
    texts = Equations([equation] if isinstance(equation, str) else equation)
    if model is None and not texts:
        raise SymcError("no model is given", hint='Give a MODEL, or --equation "y = 2*x0 + 1".')
    if model is not None and texts:
        raise SymcError("a model and equations are given", hint="Give MODEL or --equation, not both.")
    return texts or model
