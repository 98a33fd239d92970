"""Hostile files made of good ones: bytes cut, doubled, replaced and joined, and values of JSON replaced by others."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

# What readers stumble over: numbers that no type holds, ends of text, other encodings, nesting, calls.
TOKENS = (
    *(b"1e400", b"-1e400", b"9" * 5000, b"9" * 400, b"-1", b"0", b"1e-400", b"NaN", b"Infinity", b"-0.0", b"9" * 12),
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xff", b"\xc3", b"\xe2\x80\xae", b"\r", b"\n", b"\r\n", b"\t", b'"', b"'"),
    *(b",", b"|", b";", b"#", b"=", b"(", b")", b"[", b"{", b"}", b"]", b":", b"\\", b"^", b"**", b"-", b"/", b"~"),
    *(b"(" * 300, b"[" * 5000, b'{"a":' * 3000, b"-" * 3000, b"x0^" * 200, b"sin(" * 150, b"a" * 20_000),
    *(b"x0", b"x99999", b"y", b"pi", b"e", b"nan", b"oo", b"True", b"where(", b"Piecewise((", b"__class__"),
    *(b"__import__('os').system('touch OWNED')", b"open('OWNED','w')", b"../../OWNED", b"/tmp/OWNED", b"eval(x0)"),
)
# Raw text of JSON in the place of a value.
VALUES = (
    *("null", "true", "0", "-1", "1e400", "-1e400", "NaN", "1e-400", "0.5", "9" * 5000, "-" + "9" * 400, "1000000000"),
    *('""', '"x0"', '"../../OWNED"', '"/tmp/OWNED"', '"\\u0000"', '"\\ud800"', '"nan"', '"inf"', '"v-1"', "[]", "{}"),
    *("[[]]", "[1e400, 0]", "[0, 0]", "[1, 2, 3]", "[" * 10_000 + "]" * 10_000, '{"a": ' * 3000 + "0" + "}" * 3000),
    *('"const 0x1p+2000"', '"input 99999999999999999999"', '"const nan"', '"pow v0 v0"', '"' + "(" * 500 + '"'),
)
_LONGEST = 60_000


def mutated(data: bytes, rng: random.Random, seeds: Sequence[bytes] = ()) -> bytes:
    """One to four changes of the data; what parses as JSON is mostly changed as that."""
    for _ in range(rng.choice((1, 1, 2, 3, 4))):
        tree = _parsed(data) if rng.random() < 0.8 else None
        data = _tree(tree, rng) if isinstance(tree, dict | list) else _bytes(data, rng, seeds)
    return data[:_LONGEST]


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data) if data[:1] in (b"{", b"[") else None
    except (ValueError, RecursionError):
        return None


def _tree(tree: Any, rng: random.Random) -> bytes:
    places: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting and len(places) < 3000:
        node = waiting.pop()
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], dict | list):
                waiting.append(node[key])
    if not places:
        return rng.choice(VALUES).encode()
    node, key = rng.choice(places)
    change = rng.randrange(10)
    if change == 0:
        del node[key]
        return json.dumps(tree).encode()
    if change == 1:
        other, there = rng.choice(places)
        node[key] = json.loads(json.dumps(other[there]))
        return json.dumps(tree).encode()
    if change == 2 and isinstance(node, dict):
        node[rng.choice(("more", "", "../x", "x" * 300))] = node[key]
        return json.dumps(tree).encode()
    if change == 3 and isinstance(node[key], str):
        node[key] = _bytes(node[key].encode("utf-8", "surrogatepass"), rng, ()).decode("utf-8", "replace")
        return json.dumps(tree).encode()
    # Raw text, which json would not write.
    node[key] = "\x01HERE\x01"
    return json.dumps(tree).replace('"\\u0001HERE\\u0001"', rng.choice(VALUES)).encode()


def _bytes(data: bytes, rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    start, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    end = min(end, start + rng.choice((1, 4, 30, 400)))
    part, token = data[start:end], rng.choice(TOKENS)
    change = rng.randrange(9)
    if change == 0:
        return data[:start]
    if change == 1:
        return data[:start] + data[end:]
    if change == 2:
        return data[:end] + part * rng.choice((1, 2, 50)) + data[end:]
    if change == 3:
        return data[:start] + token + data[end:]
    if change == 4:
        return data[:start] + token + data[start:]
    if change == 5 and data:
        return data[:start] + bytes([rng.randrange(256)]) + data[start + 1 :]
    if change == 6:
        return data + rng.choice([*seeds, token])
    if change == 7:
        return part + data[:start] + data[end:]
    encoding = rng.choice(("utf-16", "utf-8-sig", "latin-1"))
    return data.decode("utf-8", "replace").encode(encoding, "replace")
