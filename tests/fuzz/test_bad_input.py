"""What was tried on every way in: files cut at many places, of other encodings, too large, too deep, and malicious."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symc
from symc.bundle import read_manifest
from symc.capture.inputs import read_file
from symc.ir.layered import Layered
from symc.load.package import read_package
from symc.search.kept import Shelf
from symc.sources.registry import inspect
from symc.sources.scaling import read_scaling
from tests.distilled import compressed
from tests.fuzz.guard import fault
from tests.fuzz.ways import WAYS, file, opened

_CALL = "__import__('os').system('touch OWNED')"
_MB10 = 10_000_000


def scalers(path: Path) -> Any:
    return read_scaling(path, ["x0", "x1"], ["y"])


# Name of the file, what is in it, what reads it.
FORMATS: dict[str, tuple[str, str, Callable[[Path], Any]]] = {
    "hall of fame": ("hall_of_fame.csv", 'Complexity,Loss,Equation\n1,2.5,"0.5"\n3,0.25,"x0 + x1"\n', opened),
    "equations": ("law.txt", "y = 2.5*cos(x1) + x0^2\nz = x0/x1\n", opened),
    "JSON": ("law.json", '{"equations": {"y": "2*x0 + x1"}, "domain": {"x0": [0, 1], "x1": [1, 2]}}', opened),
    "table": ("rows.csv", "a,b\n1.5,2.5\n3.5,4.5\n", read_file),
    "scalers": ("s.json", '{"inputs": {"x0": [1.5, 2.0]}, "outputs": {"y": [5.0, 2.0]}}', scalers),
}


def tried(use: Callable[[Path], Any], name: str, data: bytes, folder: Path) -> str:
    """What is said of the data, "" where they are read; that nothing else happens is checked."""
    said = [""]

    def read(path: Path) -> None:
        try:
            use(path)
        except symc.SymcError as error:
            said[0] = str(error)
            raise

    wrong = fault(file(name, read), data, folder, frozenset())
    assert wrong is None, wrong.told
    assert len(said[0]) < 2000
    return said[0]


@pytest.mark.parametrize("kind", FORMATS)
def test_cut_at_every_byte(kind: str, tmp_path: Path) -> None:
    name, text, use = FORMATS[kind]
    said = [tried(use, name, text[:end].encode(), tmp_path) for end in range(len(text))]
    assert said[0] and all(not line or str(tmp_path / name) in line for line in said)
    if kind in ("JSON", "scalers"):
        assert all(said)


DAMAGES: dict[str, Callable[[str], bytes]] = {
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "latin-1": lambda text: text.replace("x0", "xé").replace("3.5", "é").encode("latin-1"),
    "NUL at the end": lambda text: text.encode() + b"\0",
    "NUL in the middle": lambda text: text[: len(text) // 2].encode() + b"\0" + text[len(text) // 2 :].encode(),
    "10 MB of a": lambda text: text.encode() + b"a" * _MB10,
    "10 MB of 9": lambda text: text.encode() + b"9" * _MB10,
    "10 MB of (": lambda text: text.encode() + b"(" * _MB10,
    "half a character": lambda text: text.encode() + b"\xc3",
    "a picture": lambda text: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_no_such_text_is_refused(kind: str, damage: str, tmp_path: Path) -> None:
    name, text, use = FORMATS[kind]
    said = tried(use, name, DAMAGES[damage](text), tmp_path)
    assert str(tmp_path / name) in said


@pytest.mark.parametrize("kind", FORMATS)
def test_a_mark_of_the_encoding_and_other_ends_of_lines_are_read(kind: str, tmp_path: Path) -> None:
    name, text, use = FORMATS[kind]
    assert not tried(use, name, text.encode("utf-8-sig"), tmp_path)
    assert not tried(use, name, text.replace("\n", "\r\n").encode(), tmp_path)


@pytest.mark.parametrize(
    ("kind", "text", "place"),
    [
        ("hall of fame", f'Complexity,Loss,Equation\n3,0.25,"{_CALL}"\n', "line 2, column 12"),
        ("hall of fame", 'Complexity,Loss,Equation\n3,0.25,"x0 +* x1"\n', "line 2, column 5"),
        ("equations", f"y = x0\nz = {_CALL}\n", "line 2, column 16"),
        ("equations", "y = x0\nz = x0 + (x1\n", "line 2, column 13"),
        ("JSON", json.dumps({"equations": ["x0 + 1", _CALL]}), "equations[1], column 12"),
        ("JSON", '{"equations": [1]}', "$.equations[0]"),
        ("hall of fame", f'Complexity,Loss,Equation\n3,0.25,"x{"9" * 5000} + 1"\n', "no such name is given"),
        ("table", f"a,b\n1,2\n3,{_CALL}\n", "line 3: \"__import__('os').system('touch OWNED')\" in column 2"),
        ("table", "a,b\n1,2\n3\n", "line 3: has 1 value"),
        ("scalers", f'{{"inputs": {{"x0": ["{_CALL}", 1]}}}}', "could not convert string to float"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(kind: str, text: str, place: str, tmp_path: Path) -> None:
    name, _, use = FORMATS[kind]
    assert place in tried(use, name, text.encode(), tmp_path)


def test_a_bias_without_rows_is_refused() -> None:
    tree = compressed().program.to_json()
    tree["project"]["bias"] = {"shape": [0, 2], "base64": ""}
    with pytest.raises(symc.SymcError, match="not a layered program"):
        Layered.from_json(tree)


def test_a_name_that_ends_in_5000_digits_is_one(tmp_path: Path) -> None:
    longest = "x" + "9" * 5000
    built = symc.build(equation=f"y = {longest} + x10 + x2", out=tmp_path, name="law")
    assert built.manifest.program.inputs == ("x2", "x10", longest)


@pytest.mark.parametrize("way", ["grammar", "dialects", "options", "srepr"])
@pytest.mark.parametrize("blank", [" ", "\t", "\n", "\u00a0"])
def test_blanks_without_end_take_no_time(way: str, blank: str, tmp_path: Path) -> None:
    for text in (f"x0 +{blank * 150_000}@", f"add(x0,{blank * 150_000}x1)", blank * 150_000):
        start = time.process_time()
        assert fault(WAYS[way].use, text.encode(), tmp_path, frozenset()) is None
        assert time.process_time() - start < 5


@pytest.mark.parametrize("rows", [2001, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_a_hall_of_fame_without_end_is_refused(rows: int, tmp_path: Path) -> None:
    data = "Complexity,Loss,Equation\n" + "".join(f"{k},0.5,x{k % 9}\n" for k in range(1, rows + 1))
    said = tried(opened, "hall_of_fame.csv", data.encode(), tmp_path)
    assert "holds more than 2000 equations" in said or "has more than 4000000 bytes" in said


@pytest.mark.parametrize("rows", [20_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_a_table_of_many_rows_is_read(rows: int, tmp_path: Path) -> None:
    assert not tried(read_file, "rows.csv", b"a,b,c\n" + b"1.5,-2.5e3,0.1\n" * rows, tmp_path)
    table = read_file(tmp_path / "rows.csv").table()
    assert table.shape == (rows, 3) and (table == np.array([1.5, -2500, 0.1], np.float32)).all()


GIANTS = {
    "too large": "1e400",
    "5000 digits": "9" * 5000,
    "400 digits": "9" * 400,
    "NaN": "NaN",
    "negative": "-1",
    "deep": "[" * 10_000 + "]" * 10_000,
    "deep objects": '{"a":' * 10_000 + "0" + "}" * 10_000,
    "a list of many": "[" + "1," * 200_000 + "1]",
}


@pytest.mark.parametrize("giant", GIANTS)
@pytest.mark.parametrize(
    ("place", "said"),
    [
        ('{"inputs": {"x0": [HERE, 1]}}', "s.json: "),
        ('{"inputs": {"x0": [1, HERE]}}', "s.json: "),
        ('{"inputs": HERE}', "s.json: is not a file of scalers"),
        ('{"x": HERE}', "s.json: "),
    ],
)
def test_giants_in_scalers(place: str, said: str, giant: str, tmp_path: Path) -> None:
    found = tried(scalers, "s.json", place.replace("HERE", GIANTS[giant]).encode(), tmp_path)
    # A centre or a scale below zero is one.
    assert said in found or (giant == "negative" and "[" in place)


def manifest_with(folder: Path, key: str, raw: str) -> Path:
    """A bundle in whose manifest a value is replaced by raw text."""
    place = symc.build(equation="law = 2.5*cos(x1) + x0^2", domain="0:1", out=folder).path
    tree = json.loads((place / "manifest.json").read_text())
    node = tree
    *way, last = key.split(".")
    for step in way:
        node = node[int(step)] if isinstance(node, list) else node[step]
    node[int(last) if isinstance(node, list) else last] = "HERE"
    (place / "manifest.json").write_text(json.dumps(tree).replace('"HERE"', raw))
    return place


@pytest.mark.parametrize("giant", GIANTS)
def test_giants_in_a_manifest(giant: str, tmp_path: Path) -> None:
    places = ("schema", "equations.0.cost", "equations.0.loss", "domain.0.0", "program.results.0", "program.inputs")
    for place in places:
        bundle = manifest_with(tmp_path / place, place, GIANTS[giant])
        for use in (read_manifest, read_package, inspect):
            with pytest.raises(symc.SymcError, match=r"manifest\.json: "):
                use(bundle)


@pytest.mark.parametrize("giant", GIANTS)
def test_giants_in_a_kept_fit(giant: str, tmp_path: Path) -> None:
    (seed,) = WAYS["kept fit"].seeds()
    good = json.loads(seed)
    assert Shelf(file("k.json", lambda path: path.parent)(seed, tmp_path)).get("k") is not None
    for key in ("complexity", "loss", "cost", "heldout"):
        tree = json.loads(json.dumps(good))
        tree["front"]["members"][0][key] = "HERE"
        text = json.dumps(tree).replace('"HERE"', GIANTS[giant])
        said = tried(lambda path: Shelf(path.parent).get("k"), "k.json", text.encode(), tmp_path)
        if giant == "too large" and key in ("loss", "heldout"):
            # An error that overflowed is infinite.
            assert not said
            continue
        assert "is damaged" in said and "Delete it: the fit is then run" in said, (key, said)


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 29,)})
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x.npy", "w", force_zip64=True) as member,
    ):
        member.write(header.getvalue())
        for _ in range(300):
            member.write(bytes(1 << 20))
    said = tried(read_file, "x.npz", packed.getvalue(), tmp_path)
    assert "unpacks to" in said and "times its size" in said


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("use", [read_file, inspect, scalers])
def test_a_pipe_is_refused_and_not_waited_for(use: Callable[[Path], Any], tmp_path: Path) -> None:
    """Looked into and read again, it would lose its first rows without a word."""
    pipe = tmp_path / "rows.csv"
    os.mkfifo(pipe)
    with pytest.raises(symc.SymcError, match=r"rows\.csv: is a pipe or a device, not a file\. Save it"):
        use(pipe)
