"""Where independent fits run: in this process, in worker processes, or on a Dask cluster."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from symc.errors import MissingTool, SymcError

_DASK = "dask://"


def run_all(
    function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]], workers: int | None, executor: str | None
) -> list[Any]:
    """[function(*job) for job in jobs], in their order wherever they ran.

    workers: processes of this machine. executor: "dask://HOST:PORT" for a cluster; None for what the surrounding
    joblib.parallel_config says, by default processes. Raises SymcError for a number or an address that cannot be,
    MissingTool without dask.distributed.
    """
    from joblib import Parallel, delayed
    from joblib.parallel import get_active_backend

    processes = _processes(workers, len(jobs))
    with _cluster(executor):
        backend, _ = get_active_backend()
        local = _is_local(backend)
        if local and processes == 1:
            return [function(*job) for job in jobs]
        return Parallel(n_jobs=processes if local else -1)(delayed(function)(*job) for job in jobs)


def runs_elsewhere(executor: str | None) -> bool:
    """Whether run_all with this executor would leave this process and the worker processes that it starts."""
    from joblib.parallel import get_active_backend

    return executor is not None or not _is_local(get_active_backend()[0])


def _is_local(backend: object) -> bool:
    return type(backend).__name__ == "LokyBackend"


@contextmanager
def _cluster(executor: str | None) -> Iterator[None]:
    if executor is None:
        yield
        return
    if not executor.startswith(_DASK):
        raise SymcError(f"unknown executor {executor!r}", hint="Give dask://HOST:PORT, or none for this machine.")
    try:
        from dask.distributed import Client
    except ImportError:
        raise MissingTool("dask.distributed is not installed", hint="pip install 'symc[dask]'.") from None
    from joblib import parallel_config

    address = f"tcp://{executor.removeprefix(_DASK)}"
    try:
        # Where nothing listens the client would ask again and again until its time is up.
        parts = urlsplit(executor)
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10).close()
        client = Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise SymcError(f"no Dask scheduler answers at {address} ({type(error).__name__})") from None
    with client, parallel_config(backend="dask", client=client):
        yield


def _processes(asked: int | None, jobs: int) -> int:
    if asked is not None and (isinstance(asked, bool) or not isinstance(asked, int) or asked < 1):
        raise SymcError(f"{asked!r} workers, must be a whole number from 1 on")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(asked or cores, jobs)
