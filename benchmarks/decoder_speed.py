"""Tokens a second of a decoder with compiled blocks in place of some MLPs, beside the original and deleting them.

    python benchmarks/decoder_speed.py [--json]            (make bench-gpu records it on an NVIDIA GPU)

On a GPU the decoder has the shape of Qwen2.5-1.5B in bfloat16, and 1, 3 and 7 of its 28 MLPs are replaced; elsewhere it
has a quarter of the width in float32, and 1, 2 and 4 of 8. Weights are random: speed and memory do not depend on them.
A block is a matrix to `rank` coordinates, as many quadratic equations, and a matrix back, in one kernel. Prefill takes
1024 tokens (128) at once, decoding one token behind them, on a GPU in a CUDA graph as well. Nothing can be faster than
deleting, which leaves the norm out too: the share of its gain that the blocks keep is to be 0.98. Medians of runs that
take turns. A block's bits on the device must be those of its C.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from _decoder import QWEN, SMALL, Decoder, Shape, blocks_for
from _record import Rows, arguments, report
from torch import nn

import symc

ON_GPU = torch.cuda.is_available()
DEVICE = torch.device("cuda" if ON_GPU else "cpu")
SHAPE, LENGTH, COUNTS = (QWEN, 1024, (1, 3, 7)) if ON_GPU else (SMALL, 128, (1, 2, 4))
DTYPE = torch.bfloat16 if ON_GPU else torch.float32
# One thread's own time stands a busy machine.
CLOCK = time.perf_counter if ON_GPU else time.process_time
LEAST = 0.98
RUNS, SECONDS = 15, 0.1
Kind = Sequence[nn.Module | None]


def places(count: int) -> range:
    """The layers whose MLP goes: in the middle."""
    begin = (SHAPE.layers - count) // 2
    return range(begin, begin + count)


def put(model: Decoder, mlps: Kind) -> None:
    for layer, mlp in zip((model.layers[k] for k in places(len(mlps))), mlps, strict=True):
        layer.mlp = mlp


def measure(model: Decoder, kinds: dict[str, Kind], work: Callable[[], Any], graph: bool) -> dict[str, float]:
    """Seconds of `work` with each kind of MLPs in place: medians of runs that take turns."""
    calls = {}
    for kind, mlps in kinds.items():
        put(model, mlps)
        for _ in range(3):
            work()
        calls[kind] = captured(work) if graph else work
    repeat = {}
    for kind, mlps in kinds.items():
        put(model, mlps)
        repeat[kind] = max(1, int(SECONDS / seconds(calls[kind], 1)))
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(RUNS):
        for kind, mlps in kinds.items():
            put(model, mlps)
            times[kind].append(seconds(calls[kind], repeat[kind]))
    return {kind: statistics.median(values) for kind, values in times.items()}


def captured(work: Callable[[], Any]) -> Callable[[], Any]:
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay


def seconds(work: Callable[[], Any], count: int) -> float:
    wait()
    start = CLOCK()
    for _ in range(count):
        work()
    wait()
    return (CLOCK() - start) / count


def wait() -> None:
    if ON_GPU:
        torch.cuda.synchronize()


def megabytes(model: Decoder, mlps: Kind, work: Callable[[], Any]) -> float:
    """The most memory that torch holds during `work` where the replaced MLPs are elsewhere, and the blocks' tables."""
    original = [model.layers[k].mlp for k in places(len(mlps))]
    put(model, mlps)
    tables = sum(table_bytes(mlp) for mlp in mlps)
    if not ON_GPU:
        held = sum(p.nbytes for p in [*model.parameters(), *model.buffers()])
    else:
        moved = [mlp for mlp in original if mlp is not None and mlp not in mlps]
        for mlp in moved:
            mlp.to("cpu")
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        work()
        wait()
        held = torch.cuda.max_memory_allocated()
        for mlp in moved:
            mlp.to(DEVICE)
    put(model, original)
    return (held + tables) / 1e6


def table_bytes(mlp: nn.Module | None) -> int:
    if not isinstance(mlp, symc.Surrogate):
        return 0
    program: Any = mlp.package.program
    parts = (program.project.weight, program.project.bias, program.expand.weight, program.expand.bias)
    return sum(part.nbytes for part in parts)


def check(block: symc.Surrogate) -> None:
    """Exit unless the block gives its C's bits on the device, in the decoder's dtype."""
    x = torch.randn(97, SHAPE.width).to(DTYPE)
    if not torch.equal(block(x.to(DEVICE)).cpu(), block(x)):
        raise SystemExit("the device's bits are not the C code's")


def rows_of(model: Decoder, blocks: Sequence[symc.Surrogate]) -> Rows:
    tokens = torch.randint(0, SHAPE.vocabulary, (1, LENGTH), device=DEVICE)
    tasks: dict[str, tuple[int, bool, Callable[[], Any]]] = {
        f"prefill of {LENGTH}": (LENGTH, False, lambda: model(tokens)),
        "decode": (1, False, lambda: model(tokens[:, -1:], LENGTH)),
    }
    if ON_GPU:
        tasks["decode, CUDA graph"] = (1, True, tasks["decode"][2])
    found: Rows = []
    for count in COUNTS:
        original = [model.layers[k].mlp for k in places(count)]
        kinds: dict[str, Kind] = {"original": original, "blocks": list(blocks[:count]), "deleted": [None] * count}
        memory = {kind: megabytes(model, mlps, tasks[f"prefill of {LENGTH}"][2]) for kind, mlps in kinds.items()}
        for task, (size, graph, work) in tasks.items():
            print(f"{task}, {count} of {SHAPE.layers} ...", flush=True)
            times = measure(model, kinds, work, graph)
            gain = times["original"] - times["deleted"]
            for kind, s in times.items():
                share = (times["original"] - s) / gain
                found.append(
                    {
                        "task": task,
                        "MLPs": f"{count} of {SHAPE.layers}, {kind}",
                        "ms": 1000 * s,
                        "tokens/s": size / s,
                        "tokens/s, of the original": times["original"] / s,
                        "of the gain of deleting": share if kind == "blocks" else "",
                        "within": "" if kind != "blocks" else "yes" if share >= LEAST else "NO",
                        "MB": memory[kind],
                    }
                )
        put(model, original)
    return found


def decoder(shape: Shape) -> Decoder:
    torch.manual_seed(0)
    with torch.device(DEVICE):
        model = Decoder(shape, LENGTH + 1)
    return model.to(DTYPE).eval()


def main() -> None:
    save = arguments(__doc__.splitlines()[0]).json
    torch.set_num_threads(1)
    model = decoder(SHAPE)
    with tempfile.TemporaryDirectory() as folder:
        targets = ("c", "cuda") if ON_GPU else ("c",)
        blocks = blocks_for(SHAPE, max(COUNTS), targets, Path(folder))
    with torch.no_grad():
        check(blocks[0])
        found = rows_of(model, blocks)
    about = {
        "decoder": f"{SHAPE.name}, {str(DTYPE).removeprefix('torch.')}",
        "block": f"{SHAPE.width} to {SHAPE.rank} and back",
        "device": torch.cuda.get_device_name() if ON_GPU else "the CPU, one thread, processor time",
    }
    report("decoder_speed_gpu" if ON_GPU else "decoder_speed", found, save, about)


if __name__ == "__main__":
    main()
