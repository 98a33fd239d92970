"""Every way in for what others wrote: seeds to change, and what reads them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch

import symc
from symc.bundle import read_manifest
from symc.bundle.demands import read_demands
from symc.bundle.manifest import MANIFEST_NAME, Manifest
from symc.bundle.parity import Recording
from symc.bundle.signature import SIGNATURE_NAME, check_signature
from symc.capture.inputs import read_file
from symc.capture.sampling import parse_domain
from symc.compression.saved import Compressed
from symc.describe import describe
from symc.evidence.budget import read_limits as read_costs
from symc.insight.limits import read_limits
from symc.ir.reading import read
from symc.ir.wording import Wording
from symc.load.package import read_package
from symc.meaning.units import read_units
from symc.module.saved import Distilled
from symc.pack.package import PACKAGE_RECORD, pack
from symc.search.kept import Shelf
from symc.sources.dialects import translated
from symc.sources.options import names_in_text
from symc.sources.registry import inspect, resolve
from symc.sources.scaling import read_scaling
from symc.sources.srepr import text_of
from tests.distilled import compressed, distilled

_FEATURES = ["x0", "x1", "X0", "X1", "a", "b"]
_LAW = "2.5*cos(x1) + x0^2"


@dataclass(frozen=True)
class Way:
    """`use` reads the data, in a folder of its own; `quick` cases of it are in every run of the tests."""

    seeds: Callable[[], list[bytes]]
    use: Callable[[bytes, Path], Any]
    quick: int
    programs: frozenset[str] = frozenset()


def text(use: Callable[[str], Any]) -> Callable[[bytes, Path], Any]:
    return lambda data, folder: use(data.decode("utf-8", "replace"))


def file(name: str, use: Callable[[Path], Any]) -> Callable[[bytes, Path], Any]:
    def read_it(data: bytes, folder: Path) -> Any:
        path = folder / name
        path.write_bytes(data)
        return use(path)

    return read_it


def opened(path: Path) -> None:
    """All that is done with a model's file before its code is made."""
    inspect(path)
    resolve(path).choose(None, None)


def texts(*seeds: str) -> Callable[[], list[bytes]]:
    return lambda: [seed.encode() for seed in seeds]


def _options(given: str) -> None:
    """The texts that options take, all from one: a failure of the first must not hide the others."""
    readers: list[Callable[[str], Any]] = [
        parse_domain,
        read_units,
        read_limits,
        read_costs,
        lambda t: read_demands(t.split()),
        names_in_text,
        lambda t: Wording.of(t).written_out(_LAW),
        lambda t: Wording.of((), t).written_out("f = #1; g = #2"),
    ]
    for reader in readers:
        try:
            reader(given)
        except symc.SymcError as error:
            assert error.what


def _dialects(given: str) -> None:
    for name in ("gplearn", "deap", None):
        try:
            read(translated(given, name, "text"), _FEATURES)
        except symc.SymcError as error:
            assert error.what


def _build(data: bytes, folder: Path) -> None:
    equation = data.decode("utf-8", "replace")
    symc.build(equation=equation, name="law", domain="-1:2", target="c,cuda,numba", out=folder)


@cache
def _bundle() -> dict[str, bytes]:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as out:
        place = symc.build(distilled(), out=out, name="law", target="c,numba").path
        pack(place, format="cmake")
        record = (Path(out) / "cmake" / "law" / PACKAGE_RECORD).read_bytes()
        files = {p.relative_to(place).as_posix(): p.read_bytes() for p in place.rglob("*") if p.is_file()}
    return {**files, PACKAGE_RECORD: record}


def _sealed(data: bytes) -> bytes:
    """The manifest with the digest that it should have, so that its other content is read too."""
    try:
        return msgspec.json.decode(data, type=Manifest).sealed().to_bytes()
    except (msgspec.MsgspecError, UnicodeError, RecursionError, symc.SymcError):
        return data


def _laid_out(folder: Path) -> Path:
    """A bundle, which only its manifest may have left since the last case."""
    bundle = folder / "law"
    if not bundle.exists():
        for name, content in _bundle().items():
            if name != PACKAGE_RECORD:
                (bundle / name).parent.mkdir(parents=True, exist_ok=True)
                (bundle / name).write_bytes(content)
    return bundle


def _inspect_bundle(data: bytes, folder: Path) -> None:
    bundle = _laid_out(folder)
    (bundle / MANIFEST_NAME).write_bytes(_sealed(data))
    inspect(bundle)


def _read_bundle(data: bytes, folder: Path) -> None:
    bundle = _laid_out(folder)
    (bundle / MANIFEST_NAME).write_bytes(_sealed(data))
    readers: list[Callable[[Path], Any]] = [read_package, lambda path: describe(read_manifest(path), "law")]
    for reader in readers:
        try:
            reader(bundle)
        except symc.SymcError as error:
            assert error.what


def _read_packed(data: bytes, folder: Path) -> None:
    bundle = _laid_out(folder)
    place = folder / "packed" / "law"
    place.mkdir(parents=True, exist_ok=True)
    (place / PACKAGE_RECORD).write_bytes(data)
    pack(bundle, format="cmake", out=folder / "packed")


def _read_signed(data: bytes, folder: Path) -> None:
    (folder / MANIFEST_NAME).write_bytes(b"{}")
    first, _, second = data.partition(b"\n====\n")
    (folder / SIGNATURE_NAME).write_bytes(first)
    (folder / "signers").write_bytes(second)
    check_signature(folder, folder / "signers")


_KEY = f"AAAAC3NzaC1lZDI1NTE5AAAAI{'A' * 43}"
_SIGNED = f"""-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
-----END SSH SIGNATURE-----

====
someone@example.com namespaces="symc-bundle" ssh-ed25519 {_KEY}
"""


def _saved(kind: type[Distilled] | type[Compressed], made: Callable[[], Any]) -> Callable[[bytes, Path], Any]:
    encoded = cache(lambda: made().encode())
    return lambda data, folder: kind.decode({**encoded(), "text": data.decode("utf-8", "replace")}, "saved")


def _torch_file() -> list[bytes]:
    buffer = BytesIO()
    torch.save(distilled(("x0*x1",), rows=32).encode(), buffer)
    return [buffer.getvalue()]


def _arrays() -> list[bytes]:
    one, several = BytesIO(), BytesIO()
    np.save(one, np.ones((4, 2), np.float32))
    np.savez(several, x=np.ones((4, 2)), y=np.ones(4))
    return [one.getvalue(), several.getvalue(), b"a,b\n1,2\n3,4\n", b"1;2\n3;4\n", b"1 2\n3 4\n"]


def _recorded() -> list[bytes]:
    return [_bundle()["parity.npz"]]


def _fit() -> list[bytes]:
    front = distilled(rows=64).fronts[0].to_json()
    kept = {"symc": "symc finished fit", "key": "k", "front": front, "evaluations": 9, "stopped_by": "evaluations"}
    return [json.dumps(kept).encode()]


_TABLE = 'Complexity,Loss,Equation\n1,2.5,"0.5"\n3,0.25,"x0 + x1"\n5,0.001,"cos(x0) * 2.5"\n'
_FORM = """{"equations": {"y": "2*x0 + x1", "z": "x0/x1"}, "features": ["x0", "x1"],
 "domain": {"x0": [0, 1], "x1": [1, 2]}}"""
_SREPR = "Add(Pow(Symbol('x0'), Integer(2)), Mul(Float('2.5', precision=53), cos(Symbol('x1'))), Rational(-1, 2))"
_SCALERS = '{"inputs": {"x0": [1.5, 2.0], "x1": [0, 3]}, "outputs": {"y": [5.0, 2.0]}}'
_EQUATIONS = (
    f"y = {_LAW}",
    "x0*exp(-x1)/(1 + x0^2) - sqrt(abs(x1))*log(2 + x0)",
    "where((a > 1) & ~(b > 1), a/3, -b^3) + max(a, b, 1)",
    "Piecewise((tanh(a), a < b), (b^2.5, True)) - erf(a*b)",
    "1e-30*x0^7 - 3.4e38*x1 + 1/(x0 - 5)",
)
_OPTIONS = ("0:1,-2.5:2.5", "bar, K -> kg/m3", "rmse<=0.01", "flash=2k,stack=256,cycles=5k", "y.positive even(x0)",
            'a,"flow, hot",c', "f(x, y) = x*y + 1", "f(x0, x1) + g(x2)*2", "conserved(y0+y1=x0)")  # fmt: skip

WAYS: dict[str, Way] = {
    "grammar": Way(
        texts(_LAW, "x0*exp(-x1)/(1 + x0^2)", "where((a > 1) & ~(b > 1), a, -b)", "Piecewise((a, a < b), (b^2, True))"),
        text(lambda t: read(t, _FEATURES)),
        3000,
    ),
    "dialects": Way(texts("add(mul(X0, 2), sin(X1))", "protectedDiv(a, add(b, 1))"), text(_dialects), 1200),
    "srepr": Way(texts(_SREPR, "Piecewise(ExprCondPair(Symbol('a'), true))"), text(lambda t: text_of(t, "t")), 1200),
    "options": Way(texts(*_OPTIONS), text(_options), 800),
    "build": Way(texts(*_EQUATIONS), _build, 60),
    "equations.txt": Way(texts(f"# law\ny = {_LAW}\nz = x0/x1\n", f"y = {_SREPR}\n"), file("law.txt", opened), 150),
    "equations.json": Way(texts(_FORM, '["y = 2*x0"]'), file("law.json", opened), 300),
    "hall_of_fame.csv": Way(texts(_TABLE, _TABLE.replace(",", "|")), file("hall_of_fame.csv", opened), 300),
    "tables": Way(_arrays, file("table.csv", read_file), 900),
    "scalers": Way(texts(_SCALERS), file("s.json", lambda p: read_scaling(p, ["x0", "x1"], ["y"])), 600),
    "manifest": Way(lambda: [_bundle()[MANIFEST_NAME]], _read_bundle, 300),
    "inspected": Way(lambda: [_bundle()[MANIFEST_NAME]], _inspect_bundle, 30),
    "recording": Way(_recorded, lambda data, _: Recording.from_bytes(data, read_program()), 300),
    "package": Way(lambda: [_bundle()[PACKAGE_RECORD]], _read_packed, 100),
    "kept fit": Way(_fit, lambda d, folder: file("k.json", lambda p: Shelf(p.parent).get("k"))(d, folder), 400),
    "module": Way(lambda: [distilled().encode()["text"].encode()], _saved(Distilled, distilled), 200),
    "block": Way(lambda: [compressed().encode()["text"].encode()], _saved(Compressed, compressed), 100),
    "model.pt": Way(_torch_file, file("model.pt", opened), 150),
    "signature": Way(texts(_SIGNED), _read_signed, 20, frozenset({"ssh-keygen"})),
}


@cache
def read_program() -> Any:
    return msgspec.json.decode(_bundle()[MANIFEST_NAME], type=Manifest).program
