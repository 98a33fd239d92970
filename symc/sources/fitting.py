"""Equations for data in a file or a table, with no network anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from symc.arithmetic import usual
from symc.capture.names import default_names
from symc.errors import SymcError
from symc.sources.measured import columns_of, read_table

if TYPE_CHECKING:
    from symc.module.saved import Distilled


@usual
def fit(
    data: Any,
    *,
    targets: str | Sequence[str],
    features: Sequence[str] | None = None,
    weights: str | None = None,
    domain: Any = None,
    heldout: float = 0.2,
    fit_rows: int | None = None,
    variable_transforms: Mapping[str, str] | None = None,
    seed: int = 0,
    **search: Any,
) -> Distilled:
    """Search equations for columns of a table, each a function of other columns.

    Parameters
    ----------
    data: a file (.csv, .npy, .npz, .pt, .parquet, .feather) or a DataFrame of pandas or polars, (n, columns), a row
        per sample. Columns without names are x0, x1 ...
    targets: the columns to find equations for: "y" or "y,z", or a list.
    features: the columns that equations may use; by default all others. Columns of text or categories, and those with
        missing values, cannot be used: they are counted and refused, unless features are named without them.
    weights: a column that says how much each row counts.
    domain: the box in which the equations are to hold, "lo:hi,lo:hi" or pairs; by default the box of the rows.
    heldout, fit_rows, variable_transforms, seed, and search (engine, evaluations, time_budget, operators,
    max_complexity, workers, executor, keep): as symc.SymbolicModule.distill takes them.

    Returns what was found, for symc.build, symc.module.saved.save_distilled, and its `fronts`. Raises SymcError for a
    column that is not there, text or missing values, too few rows, targets that never change, or a search that finds
    nothing.
    """
    from symc.capture.dataset import Dataset
    from symc.capture.sampling import box_of
    from symc.module.distillation import Request
    from symc.module.saved import SAMPLES

    request = Request(seed=seed, **search)
    read = read_table(data)
    table = read.table()
    known = read.columns or default_names("x", table.shape[1])
    wanted = _names(targets)
    weighing = [] if weights is None else [weights]
    if features is None:
        others = [*known, *read.unusable]
        used = [name for name in others if name not in (*wanted, *weighing)]
    else:
        used = _names(features)
    if not wanted or not used:
        what = "no targets are given" if not wanted else "no columns are left to make equations of"
        raise SymcError(what, where=read.source, hint=f"Its columns are: {', '.join(known)}.")
    twice = [name for name in used if name in wanted]
    if twice:
        raise SymcError(f"{twice[0]!r} is a target and a feature", where=read.source)
    x, y, w = (columns_of(read, table, known, names) for names in (used, wanted, weighing))
    for name, column in zip(wanted, y.T, strict=True):
        if np.ptp(column) == 0.0:
            raise SymcError(f"{name!r} is constant over all {len(column)} rows", where=read.source)
    dataset = Dataset.from_samples(
        x,
        y,
        features=used,
        outputs=wanted,
        heldout=heldout,
        fit_rows=fit_rows,
        weights=w[:, 0] if weights is not None else None,
        variable_transforms=variable_transforms,
        domain=None if domain is None else np.array(box_of(domain, used)),
        seed=seed,
    )
    _, found = request.distil(dataset, SAMPLES)
    return found


def _names(given: str | Sequence[str]) -> list[str]:
    listed = given.split(",") if isinstance(given, str) else given
    return [str(name).strip() for name in listed if str(name).strip()]
