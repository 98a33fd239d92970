"""Eight processes that load one bundle at the same moment, from a cache that nothing is in yet.

    python -m tests.accidents.starting BUNDLE

Prints a digest of the results of each, one a line.
"""

from __future__ import annotations

import hashlib
import os
import sys

import numpy as np
import torch

from symc.load import load

PROCESSES = 8


def result(bundle: str) -> bytes:
    x = np.random.Generator(np.random.PCG64(3)).normal(0, 2, (500, 2)).astype(np.float32)
    surrogate = load(bundle)
    values = surrogate(x)
    assert surrogate(torch.from_numpy(x)).numpy().tobytes() == values.tobytes()
    return hashlib.sha256(values.tobytes()).hexdigest().encode()


def main(bundle: str) -> None:
    ready, go = os.pipe()
    told = [os.pipe() for _ in range(PROCESSES)]
    children = []
    for _, write in told:
        child = os.fork()
        if child == 0:
            os.close(go)
            # Ends for all of them at once, when the parent closes its side.
            os.read(ready, 1)
            os.write(write, result(bundle))
            os._exit(0)
        children.append(child)
    os.close(go)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes == [0] * PROCESSES, codes
    for read, _ in told:
        print(os.read(read, 100).decode())


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(sys.argv[1])
