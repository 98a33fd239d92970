"""What is claimed of a bundle, and how each claim was established."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from symc import resources
from symc.backends.guard import rests_on_tests
from symc.backends.layers import core
from symc.backends.registry import BACKENDS
from symc.bundle import Manifest
from symc.bundle.numbers import is_double
from symc.evidence.device import Cost
from symc.evidence.proofs import proofs_of
from symc.meaning.dimensions import INCONSISTENT
from symc.verify.check import Report

# proved: for every input of the domain, by analysis. exhaustive: every float32 input was computed. measured: on as many
# inputs or rows as the claim says. repeated: done again here, with the same outcome. not checked: nobody looked.
How = Literal["proved", "exhaustive", "measured", "repeated", "not checked"]


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`what` is claimed of `subject`, established as `how` says; `holds` is null where it was not checked."""

    subject: str
    what: str
    how: How
    holds: bool | None
    detail: str


# Check of `symc verify` -> what it claims, and how it is established.
_CHECKS: dict[str, tuple[str, How]] = {
    "manifest": ("the manifest is whole", "repeated"),
    "signature": ("it bears a signature of this manifest", "repeated"),
    "signer": ("one of the allowed signers stands for it", "repeated"),
    "files": ("every file is as it was built", "repeated"),
    "equations": ("the equations compile to the recorded program", "repeated"),
    "meaning": ("the code means what the text says", "measured"),
    "ranges": ("the code is finite in the domain, and within a bound of the text", "proved"),
    "fixed point": ("every value fits into its word, and results are within a bound of the text, everywhere", "proved"),
    "constants": ("the shorter constants change no output beyond the bounds recorded", "proved"),
    "accuracy": ("the rewritten code loses less in rounding, by bounds at points of the domain", "measured"),
    "demands": ("the outputs keep what was demanded", "proved"),
    "units": ("the equations are consistent in their units", "repeated"),
    "sources": ("every source is what the program generates", "repeated"),
    "parity": ("the equations are as close to the recorded outputs as recorded", "measured"),
}
_BUT_UNSAFE, _BUT_UNDECIDED = ", but at the poles that the build allowed", ", but in the parts left undecided"
# Formats are chosen from what is proved of it.
_BEFORE_FIXED = ", of the same program in float32"
# Rounding is not bounded there; analysis takes functions to be within one unit in the last place, which is tested.
_OF_DOUBLES = "the code is finite in the domain, by analysis"
_TARGET = "computes the oracle's bits here"


def claims_of(manifest: Manifest, report: Report, bundle: Path, costs: Sequence[Cost] = ()) -> tuple[Claim, ...]:
    """Every claim on the bundle in that folder, in the order of the checks; what was not checked comes last."""
    claims = [*_checked(manifest, report), *_functions(manifest, bundle)]
    called = f"what a call of {manifest.name}_{'fixed_eval' if manifest.fixed else 'eval'} costs"
    claims += [Claim(c.core, called, "measured", True, str(c)) for c in costs]
    claims += _unchecked(manifest, report)
    return tuple(sorted(claims, key=lambda claim: claim.holds is None))


def _checked(manifest: Manifest, report: Report) -> Iterator[Claim]:
    verdicts = {f.verdict for f in manifest.ranges.findings} if manifest.ranges else set()
    for check in report.checks:
        target, colon, name = check.name.partition(": ")
        if colon:
            yield Claim(target, f"{name} {_TARGET}", "measured", check.ok, check.detail)
        else:
            what, how = _CHECKS.get(name := target, (name, "repeated"))
            if name == "ranges":
                if is_double(manifest.options):
                    what, how = _OF_DOUBLES, "measured" if rests_on_tests(manifest.program) else "proved"
                what += _BUT_UNSAFE * ("unsafe" in verdicts) + _BUT_UNDECIDED * ("undecided" in verdicts)
            if name == "units" and (apart := _inconsistent(manifest)):
                what += f", but for {', '.join(apart)}"
            if manifest.fixed and name in ("meaning", "ranges"):
                what += _BEFORE_FIXED
            yield Claim("bundle", what, how, check.ok, check.detail)


def _inconsistent(manifest: Manifest) -> list[str]:
    """The outputs whose equations contradict the units."""
    return [of.output for of in manifest.units.equations if of.verdict == INCONSISTENT] if manifest.units else []


def _functions(manifest: Manifest, bundle: Path) -> Iterator[Claim]:
    """The runtime's functions that the program calls, with the record of their proof; of float32 alone."""
    if manifest.fixed or is_double(manifest.options):
        return
    own = bundle.resolve() / "src"
    for proof in proofs_of(core(manifest.program), own if (own / "symc").is_dir() else resources.runtime() / "include"):
        yield Claim(f"function {proof.function}", "is correctly rounded", proof.how, proof.holds, proof.detail)


def _unchecked(manifest: Manifest, report: Report) -> Iterator[Claim]:
    def open_(subject: str, what: str, why: str) -> Claim:
        return Claim(subject, what, "not checked", None, why)

    ran = {check.name.partition(": ")[0] for check in report.checks}
    for target in BACKENDS:
        if target not in manifest.targets:
            yield open_(target, f"{target} {_TARGET}", "the bundle was not built for it")
        elif target not in ran:
            yield open_(target, f"{target} {_TARGET}", "an earlier check failed")
    if "cuda" in ran and not any(c.name == "cuda: kernel" for c in report.checks):
        yield open_("cuda", "a GPU computes the oracle's bits", "this machine has none; its arithmetic ran on the host")
    if is_double(manifest.options):
        why = "rounding errors are bounded in float32 alone; the meaning was measured"
        yield open_("bundle", "the code is within a bound of the text everywhere", why)
    if manifest.domain is None:
        yield open_("bundle", "the code is finite, and within a bound of the text", "the bundle has no domain")
    # Of equations that somebody typed there is no network that they could be close to.
    if manifest.samples is None and manifest.model.kind != "equations":
        yield open_("bundle", "the equations are close to the network", "the model came without recorded samples")
    yield open_("bundle", "results outside the domain are meant", "nothing is claimed there but equal bits")
    if "outside" not in manifest.options and not manifest.fixed:
        yield open_("bundle", "inputs outside the domain are caught", f"callers must ask {manifest.name}_check")
    yield open_("device", "the device in the field computes these bits", "run the self-test of the bundle on it")
    if "signer" not in ran:
        why = "ask whose the signature is: --allowed-signers" if "signature" in ran else "sign it: symc sign"
        yield open_("bundle", "nobody forged it", f"the manifest's digest guards against accidents alone; {why}")
