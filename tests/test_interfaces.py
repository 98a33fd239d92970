"""The command line and Python say the same: every option has one name, every public name is there."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import symc
from symc.cli.verbs import VERBS
from symc.module.module import SymbolicModule
from symc.sources.options import EQUATIONS, OPENING, SAMPLING, SCALING
from symc.sources.options import SEARCH as SEARCH_OPTIONS

# Where what is printed goes; they have no counterpart in a function that returns it.
OUTPUT = {"as_json", "quiet", "shape"}
DISTIL = {*inspect.signature(SymbolicModule.distill).parameters} - {"self", "x", "parent"}
OPENED = {*OPENING, "inputs"}


def parameters(function: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(function).parameters)


PYTHON = {
    "scan": parameters(symc.scan) | set(OPENING),
    "distill": DISTIL | OPENED | {"model", "out"},
    "fit": parameters(symc.fit) | set(SEARCH_OPTIONS) | {"out"},
    "build": parameters(symc.build) | DISTIL | OPENED | {*SCALING, *EQUATIONS},
    "inspect": {"path", "features", "latex", "plot", "dialect", *OPENING},
    "verify": parameters(symc.verify),
    "reverify": parameters(symc.reverify),
    "monitor": parameters(symc.read_log),
    "pack": parameters(symc.pack),
    "report": parameters(symc.report),
    "sign": parameters(symc.sign),
    "diff": parameters(symc.diff),
    "cost": parameters(symc.cost),
    "doctor": set(),
}


@pytest.mark.parametrize("verb", VERBS)
def test_an_option_is_called_as_in_python(verb: str) -> None:
    names = {parameter.name for parameter in VERBS[verb].params if parameter.name}
    assert names - OUTPUT <= PYTHON[verb]


def test_what_distill_takes_the_command_line_takes() -> None:
    words = {parameter.name for parameter in VERBS["build"].params}
    # A function of a batch; and what the saved file calls the network, which has a file's name here.
    assert DISTIL - words == {"inputs_of", "source"}
    assert {*OPENING, *SAMPLING, *SEARCH_OPTIONS} <= words


def test_a_flag_is_the_name_with_hyphens() -> None:
    for verb in VERBS:
        for parameter in VERBS[verb].params:
            if parameter.param_type_name == "option" and parameter.name not in OUTPUT:
                assert f"--{parameter.name.replace('_', '-')}" in parameter.opts, f"{verb} {parameter.name}"


def test_every_public_name_is_there_once() -> None:
    assert len(symc.__all__) == len(set(symc.__all__))
    for name in symc.__all__:
        assert getattr(symc, name) is not None

