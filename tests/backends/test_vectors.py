"""Self-test vectors: they cover the domain and the special values, and tell a faulty machine from a sound one."""

from __future__ import annotations

import numpy as np

from symc.backends import self_test_vectors
from symc.backends.vectors import _simulate
from symc.ir.evaluate import evaluate
from tests.targets.programs import bits, coverage_program, layered_program, unit_from_text

DOMAIN = [(-2.0, 3.0), (0.5, 0.75)]


def _program(equation: str = "x0*x1 + 0.3*x0"):
    return unit_from_text([equation], ["x0", "x1"], ["y"]).program


def test_outputs_are_the_oracle_s():
    program = coverage_program()
    vectors = self_test_vectors(program, None)
    assert (bits(vectors.outputs) == bits(evaluate(program, vectors.inputs))).all()
    assert vectors.inputs.dtype == np.float32 and len(vectors) < 80


def test_corners_and_points_of_the_domain_are_there():
    x = self_test_vectors(_program(), DOMAIN).inputs
    for corner in ((-2.0, 0.5), (-2.0, 0.75), (3.0, 0.5), (3.0, 0.75)):
        assert (x == np.array(corner, np.float32)).all(axis=1).any()
    inside = ((x >= [-2.0, 0.5]) & (x <= [3.0, 0.75])).all(axis=1)
    assert inside.sum() > 20
    # Points use the whole mantissa, or rounding would never show.
    assert np.median([int(b) & -int(b) for b in bits(x[inside]).ravel()]) <= 4


def test_special_values_are_there_in_every_input():
    seen = bits(self_test_vectors(_program(), DOMAIN).inputs)
    for column in range(2):
        for special in (0x7FC00000, 0x7F800000, 0xFF800000, 0x80000000, 0x00000001, 0x7F7FFFFF):
            assert special in seen[:, column]


def test_one_vector_at_least_changes_when_multiply_and_add_are_fused():
    program = _program()
    vectors = self_test_vectors(program, DOMAIN)
    with np.errstate(all="ignore"):
        fused = _simulate(program, vectors.inputs, fuse=True)
    assert (bits(fused) != bits(vectors.outputs)).any(axis=1).sum() >= 4


def test_one_vector_at_least_changes_when_subnormals_are_flushed():
    program = _program("x0*1e-38")
    vectors = self_test_vectors(program, DOMAIN)
    with np.errstate(all="ignore"):
        flushed = _simulate(program, vectors.inputs, flush=True)
    assert (bits(flushed) != bits(vectors.outputs)).any(axis=1).sum() >= 4


def test_vectors_repeat_for_a_seed_and_differ_between_seeds():
    program = _program()
    one, same, other = (self_test_vectors(program, DOMAIN, seed=s) for s in (3, 3, 4))
    assert (bits(one.inputs) == bits(same.inputs)).all()
    assert one.inputs.shape != other.inputs.shape or (bits(one.inputs) != bits(other.inputs)).any()


def test_many_inputs_and_a_single_point_domain():
    features = [f"x{k}" for k in range(40)]
    program = unit_from_text([" + ".join(features)], features, ["y"]).program
    vectors = self_test_vectors(program, [(1.0, 1.0)] * 40)
    assert vectors.inputs.shape[1] == 40 and len(vectors) < 80


def test_layered_vectors_tell_fused_sums_and_every_kind_of_input():
    program = layered_program()
    vectors = self_test_vectors(program, [(-3.0, 3.0)] * 5)
    assert (bits(vectors.outputs) == bits(evaluate(program, vectors.inputs))).all()
    with np.errstate(all="ignore"):
        fused = _simulate(program, vectors.inputs, fuse=True)
        sound = _simulate(program, vectors.inputs)
    assert (bits(fused) != bits(sound)).any(axis=1).sum() >= 4
    x = vectors.inputs
    assert np.isnan(x).any(axis=1).any() and np.isinf(x).any(axis=1).any()
    assert (np.abs(x) <= 3).all(axis=1).sum() >= 16 and np.isfinite(vectors.outputs).all(axis=1).sum() >= 16


def test_subnormal_sums_between_matrices_tell_a_machine_that_flushes():
    small = layered_program(2, 2, ("1e-39*z0", "z1"), direct=False)
    vectors = self_test_vectors(small, None)
    with np.errstate(all="ignore"):
        flushed = _simulate(small, vectors.inputs, flush=True)
    assert (bits(flushed) != bits(vectors.outputs)).any()


def test_wide_rows_are_few_but_of_every_kind():
    program = layered_program(128, 128, ("z0", "z1*z2"))
    vectors = self_test_vectors(program, None)
    assert 16 <= len(vectors) < 30
    x = vectors.inputs
    assert np.isnan(x).any() and (np.abs(x) <= 4).all(axis=1).sum() >= 4
