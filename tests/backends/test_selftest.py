"""Points of the self-test: they cover the domain and beyond, and tell a faulty machine from a sound one."""

from __future__ import annotations

import numpy as np
import pytest

from symc.backends.batches import ROWS
from symc.backends.calls import FIRST_CALL, LAST_BIT, faults, operands, runtime_calls
from symc.backends.machines import simulate
from symc.backends.operations import TABLE
from symc.backends.selftest import (
    N_SPECIAL,
    check_form,
    checksum,
    choose_seed,
    mixed,
    plan,
    points,
    self_test,
    special,
)
from symc.errors import SymcError
from symc.ir.layered import Layered
from symc.ir.program import Program
from tests.targets.programs import bits, coverage_program, layered_program, unit_from_text, unit_of

SPECIAL = {*special(np.arange(N_SPECIAL, dtype=np.uint32)).tolist()}
DOMAIN = [(-2.0, 3.0), (0.5, 0.75)]


def _program(equation: str = "x0*x1 + 0.3*x0"):
    return unit_from_text([equation], ["x0", "x1"], ["y"]).program


def _points(program: Program | Layered, domain=None, form: str = "short") -> np.ndarray:
    made = plan(program.n_in, domain, ROWS, form)
    return points(made, choose_seed(program, made))[1:]


def test_the_first_block_lies_in_the_domain_and_uses_the_whole_mantissa():
    x = _points(_program(), DOMAIN)[: ROWS + 1]
    lo, hi = np.array(DOMAIN, np.float32).T
    assert ((x >= lo) & (x <= hi)).all()
    assert np.ptp(x, axis=0) == pytest.approx(hi - lo, rel=0.2)
    # Or rounding would never show.
    assert np.median([int(b) & -int(b) for b in bits(x).ravel()]) <= 4


def test_the_next_block_has_odd_values():
    x = _points(_program(), DOMAIN)
    odd = x[ROWS + 1 : 2 * (ROWS + 1)]
    assert not np.isfinite(odd).all() and (np.abs(odd[np.isfinite(odd)]) > 1e9).any()
    ends = bits(np.array(DOMAIN, np.float32))
    for column in range(2):
        seen = bits(x[:, column])
        assert len({*SPECIAL} & set(seen.tolist())) >= 6
        for end in ends[column]:
            assert {int(end) - 1, int(end), int(end) + 1} & set(seen.tolist())


@pytest.mark.parametrize("machine", [{"fuse": True}, {"flush": True}], ids=str)
def test_a_faulty_machine_gives_other_results(machine: dict[str, bool]):
    layered = layered_program(2, 2, ("1e-39*z0", "z1*z0"), direct=False)
    for program in (_program("x0*x1 + 0.3*x0 + x1*1e-38"), layered):
        x = _points(program)
        wrong = simulate(program, x, **machine).results
        assert (bits(wrong) != bits(simulate(program, x).results)).any()


def test_rows_are_those_around_a_block_and_around_registers():
    rows = plan(2, None, ROWS).rows
    assert {1, 3, 4, 7, 8, ROWS // 2, ROWS - 1, ROWS, ROWS + 1} <= set(rows)
    # A block without a rare value shows what the branch-free functions give, a block with one what the others give.
    assert rows[0] > ROWS and rows[1] > ROWS


def test_many_inputs_share_one_range_in_the_short_form():
    domain = [(float(k), k + 0.5) for k in range(40)]
    assert plan(40, domain, ROWS).ranges == ((0.0, 39.5),)
    assert plan(40, domain, ROWS, "full").ranges == tuple(domain)


def test_the_full_form_goes_on_where_the_short_one_ends():
    short, full = _points(_program(), DOMAIN), _points(_program(), DOMAIN, "full")
    assert len(full) == 16 * len(short) and (bits(full[: len(short)]) == bits(short)).all()


def test_any_wrong_bit_changes_a_checksum():
    words = np.arange(20, dtype=np.uint32)
    sums = {checksum(words)}
    for place in range(20):
        for bit in range(32):
            wrong = words.copy()
            wrong[place] ^= np.uint32(1 << bit)
            sums.add(checksum(wrong))
    # Two wrong signs must not cancel each other either.
    assert len(sums) == 1 + 20 * 32
    assert checksum(words ^ np.uint32(1 << 31)) != checksum(words)


def test_mixing_loses_nothing():
    assert len(np.unique(mixed(np.arange(1 << 16, dtype=np.uint32)))) == 1 << 16


def test_a_form_that_there_is_not_is_refused():
    with pytest.raises(SymcError, match=r"there is no self-test 'long'.*short or full"):
        check_form("long")


def test_derivatives_have_a_checksum_where_there_are_some():
    assert self_test(unit_of(_program()), ROWS).derivatives is not None
    assert self_test(unit_of(_program(), derivatives=False), ROWS).derivatives is None


def test_the_runtime_s_functions_have_bits_of_their_own_as_far_as_they_reach():
    calls = runtime_calls([coverage_program()], TABLE)
    values = [int(fault.value, 16) for fault in faults("every", (), calls)]
    assert len(calls) == len(values) - FIRST_CALL > 26
    assert values[: LAST_BIT + 1] == [1 << k for k in range(LAST_BIT + 1)]
    assert set(values[LAST_BIT:]) == {1 << LAST_BIT}


def test_operands_hold_every_pair_of_special_values():
    found = {(int(a), int(b)) for a, b, _ in bits(operands())}
    assert {(a, b) for a in SPECIAL for b in SPECIAL} <= found


def test_special_values_are_of_every_kind():
    x = np.array(sorted(SPECIAL), np.uint32).view(np.float32)
    assert len(SPECIAL) == 24 and np.isnan(x).any() and {np.inf, -np.inf, 1.0, -1.0, 0.0} <= set(x.tolist())
    subnormal = (np.abs(x) < np.finfo(np.float32).tiny) & (x != 0)
    assert subnormal.sum() >= 4 and np.finfo(np.float32).max in x
