"""Sample inputs from files and from boxes: every format, and every way a file can be wrong."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest
import torch

from symc.capture.sampling import as_inputs, from_domain, parse_domain, read_inputs
from symc.errors import SymcError

TABLE = np.array([[1, 2], [3, 4], [5, 6.5]], dtype=np.float32)


class Hostile:
    """A pickle of this makes a file when it is opened."""

    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_reads_every_format_by_content_not_by_name(tmp_path):
    np.save(tmp_path / "a.npy", TABLE)
    np.savez(tmp_path / "b.npz", TABLE)
    torch.save(torch.from_numpy(TABLE), tmp_path / "c.pt")
    torch.save(torch.from_numpy(TABLE), tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    (tmp_path / "d.csv").write_text("p, q\n1,2\n3,4\n\n# a remark\n5,6.5\n")
    (tmp_path / "e.csv").write_bytes("\ufeff1;2\r\n3;4\r\n5;6.5\r\n".encode())
    (tmp_path / "f.txt").write_text("1 2\n3   4\n5\t6.5\n".replace("\t", " "))
    for path in sorted(tmp_path.iterdir()):
        renamed = path.rename(path.with_suffix(".data"))
        inputs = read_inputs(renamed)
        np.testing.assert_array_equal(inputs.table(2), TABLE, err_msg=path.name)
        assert inputs.columns == (("p", "q") if path.name == "d.csv" else None)


def test_several_arrays_are_arguments(tmp_path):
    np.savez(tmp_path / "x.npz", TABLE, TABLE + 1, mask=TABLE > 2)
    inputs = read_inputs(tmp_path / "x.npz")
    assert len(inputs.args) == 2 and list(inputs.kwargs) == ["mask"]
    np.testing.assert_array_equal(inputs.args[1], TABLE + 1)
    torch.save((torch.ones(3, 2, dtype=torch.bfloat16), torch.arange(3)), tmp_path / "x.pt")
    inputs = read_inputs(tmp_path / "x.pt")
    assert [a.dtype for a in inputs.args] == [np.float32, np.int64]
    with pytest.raises(SymcError, match="holds 2 arrays, need one table"):
        inputs.table()
    torch.save({"x": torch.ones(3, 2)}, tmp_path / "x.pt")
    assert list(read_inputs(tmp_path / "x.pt").kwargs) == ["x"]


def test_wrong_width_says_both(tmp_path):
    np.save(tmp_path / "x.npy", TABLE)
    with pytest.raises(SymcError, match=r"x\.npy: has 2 columns, but the model takes 3 inputs"):
        read_inputs(tmp_path / "x.npy").table(3)


def test_a_row_of_numbers_is_a_table_for_a_model_of_one_input():
    assert as_inputs(np.arange(5.0)).table(1).shape == (5, 1)
    assert as_inputs(np.arange(5.0)).table(5).shape == (1, 5)
    assert as_inputs(np.zeros((2, 3, 4))).table(4).shape == (6, 4)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"1,2\n3\n", "line 2: has 1 value, the lines before have 2"),
        (b"1,2\n3,4\n5,six\n", "line 3: 'six' in column 2 is not a number"),
        (b"1,2\n3,\n", "line 2: column 2 is empty"),
        (b"p,q\n1,2\n\n3,nan\n", "line 4: nan in column 2 is not finite"),
        (b"1,2\n3,inf\n", "line 2: inf in column 2 is not finite"),
        (b"p,q\n", r"holds no numbers, only text \(p, q\)"),
        (b"# nothing\n", "holds no numbers"),
        (b"\x00\x01\x02\xff", "neither a table of numbers"),
        (b"\xff\xfe\xfd", "neither a table of numbers"),
        (b"\x93NUMPY\x01\x00", "truncated or corrupt"),
        (b"PK\x03\x04 and then nothing", "truncated or corrupt"),
        (b"\x80\x02 no pickle", "truncated or corrupt"),
    ],
)
def test_unreadable_files_say_what_and_where(tmp_path, content, what):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(SymcError, match=what) as caught:
        read_inputs(path)
    assert str(caught.value.where).startswith(str(path)) and caught.value.exit_code == 2


def test_missing_file_directory_and_unreadable_file(tmp_path):
    with pytest.raises(SymcError, match="there is no such file"):
        read_inputs(tmp_path / "no.csv")
    with pytest.raises(SymcError, match="is a directory"):
        read_inputs(tmp_path)
    if os.getuid():
        path = tmp_path / "x.csv"
        path.write_text("1,2")
        path.chmod(0)
        with pytest.raises(SymcError, match="cannot be read: Permission denied"):
            read_inputs(path)


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_truncated_arrays(tmp_path, cut):
    big = np.arange(4000.0).reshape(-1, 2)
    np.save(tmp_path / "x.npy", big)
    np.savez(tmp_path / "x.npz", big)
    torch.save(torch.from_numpy(big), tmp_path / "x.pt")
    for path in sorted(tmp_path.iterdir()):
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * cut)])
        with pytest.raises(SymcError, match="truncated or corrupt"):
            read_inputs(path)


def test_values_that_are_not_finite_name_the_place(tmp_path):
    x = TABLE.copy()
    x[1, 0] = np.nan
    np.save(tmp_path / "x.npy", x)
    with pytest.raises(SymcError, match="row 1, column 0 is nan; 1 value of 6 not finite"):
        read_inputs(tmp_path / "x.npy")
    np.savez(tmp_path / "x.npz", TABLE, scale=x[1])
    with pytest.raises(SymcError, match="array scale, position 0 is nan"):
        read_inputs(tmp_path / "x.npz")


def test_what_is_masked_has_no_value():
    masked = np.ma.masked_equal(TABLE, TABLE[2, 1])
    with pytest.raises(SymcError, match=r"row 2, column 1 is nan; 1 value of 6 not finite"):
        as_inputs(masked)
    assert np.array_equal(np.isnan(as_inputs(masked, holes=True).args[0]), masked.mask)
    assert np.array_equal(as_inputs(np.ma.masked_array(TABLE)).args[0], TABLE)


def test_files_that_could_run_code_are_refused_and_do_not(tmp_path):
    made = tmp_path / "made"
    files = {name: tmp_path / name for name in ("a.npy", "b.npz", "c.pt", "d.pkl")}
    objects = np.array([Hostile(made)], dtype=object)
    np.save(files["a.npy"], objects, allow_pickle=True)
    np.savez(files["b.npz"], objects)
    torch.save(Hostile(made), files["c.pt"])
    files["d.pkl"].write_bytes(pickle.dumps(Hostile(made)))
    for path in files.values():
        with pytest.raises(SymcError, match="holds Python objects, and reading those can run code"):
            read_inputs(path)
    assert not made.exists()


@pytest.mark.parametrize("content", [{"x": 1}, [], "text", {"x": torch.ones(2), "y": 2}])
def test_tensor_files_without_tensors(tmp_path, content):
    torch.save(content, tmp_path / "x.pt")
    with pytest.raises(SymcError, match="need a tensor, or a tuple or dict of tensors"):
        read_inputs(tmp_path / "x.pt")


def test_arrays_that_are_no_samples(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((0, 3)))
    with pytest.raises(SymcError, match="holds no samples"):
        read_inputs(tmp_path / "x.npy")
    np.save(tmp_path / "x.npy", np.array(["a"]))
    with pytest.raises(SymcError, match="need real numbers"):
        read_inputs(tmp_path / "x.npy")
    with pytest.raises(SymcError, match="need real numbers"):
        as_inputs("1,2")


def test_domain_samples_fill_the_box_evenly_and_repeat():
    x, box = from_domain("-1:1, 10:20", 1000, seed=4)
    assert x.shape == (1024, 2) and x.dtype == np.float32
    np.testing.assert_array_equal(box, np.array([[-1, 1], [10, 20]], np.float32))
    assert (x > box[:, 0]).all() and (x < box[:, 1]).all()
    # A Sobol net of 2^10 points in two dimensions puts as many points in each cell of a 32 x 32 grid: one.
    cells = np.floor((x - box[:, 0]) / (box[:, 1] - box[:, 0]) * 32).astype(int)
    assert len({tuple(c) for c in cells.tolist()}) == 1024
    np.testing.assert_array_equal(x, from_domain([(-1, 1), (10, 20)], 1000, seed=4)[0])
    assert not np.array_equal(x, from_domain("-1:1,10:20", 1000, seed=5)[0])
    # Written down: the samples decide the bytes of a bundle.
    assert x[:2].view(np.uint32).tolist() == [[0x3F62D840, 0x4171CFFA], [0xBDE93E00, 0x4121CFFA]]


def test_one_range_serves_all_inputs():
    x, box = from_domain("0:1", 16, width=5)
    assert x.shape == (16, 5) and box.shape == (5, 2)
    assert parse_domain((0, 1), 2).tolist() == [[0, 1], [0, 1]]


@pytest.mark.parametrize(
    ("domain", "width", "what"),
    [
        ("0:1,0:1", 3, "domain: gives 2 ranges, but the model takes 3 inputs"),
        ("0:1,5", None, "range 2 is '5', not lo:hi"),
        ("0:x", None, "range 1 is '0:x', not lo:hi"),
        ("", None, "range 1 is '', not lo:hi"),
        ("0:1,2:1", None, "range 2 is 2:1, its lower end is above"),
        ("nan:1", None, "range 1 is .*not finite"),
        ("0:1e39", None, "range 1 is .*not finite in float32"),
        ("1:1", None, "every range of the domain is a single value"),
        ([(0, 1, 2)], None, "needs one .lo, hi. per input"),
        ([], None, "needs one .lo, hi. per input"),
        ([("a", "b")], None, "is not a list of"),
    ],
)
def test_bad_domains(domain, width, what):
    with pytest.raises(SymcError, match=what):
        from_domain(domain, 8, width=width)


@pytest.mark.parametrize("n", [0, -3, 2**25, 1.5, True])
def test_bad_numbers_of_samples(n):
    with pytest.raises(SymcError, match="samples, need 1 to"):
        from_domain("0:1", n)
