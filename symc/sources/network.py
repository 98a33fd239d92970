"""A network: distilled while its bundle is built."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from symc.errors import SymcError
from symc.sources.distilled import describe
from symc.sources.fronts import FrontsOrigin
from symc.sources.given import Given
from symc.sources.options import OPENING, SAMPLING, SEARCH, on_the_command_line
from symc.sources.protocol import Options, Source

if TYPE_CHECKING:
    from symc.models.loading import Network
    from symc.module.saved import Distilled


class NetworkSource(Source["Network | Distilled"]):
    accepts: ClassVar[str] = (
        "a network (.onnx; .pt2, TorchScript or a pickled nn.Module, each with --trust; a state_dict, a checkpoint of "
        "Lightning or a safetensors file with --module)"
    )
    holds: ClassVar[str] = "a network"
    uses: ClassVar[frozenset[str]] = frozenset({*OPENING, *SAMPLING, *SEARCH})

    def recognises(self, given: Given) -> bool:
        # What symc itself writes says so, and is opened by those who wrote it.
        ours = isinstance(given.content, dict) and "symc" in given.content
        return given.kind is not None and not ours

    def open(self, given: Given, options: Options) -> Network | Distilled:
        """The network; what was distilled, where the part of it that is asked for is a module distilled already."""
        from symc.models.loading import open_network
        from symc.module.module import SymbolicModule

        assert given.path is not None and given.kind is not None
        opening = {name: options[name] for name in OPENING if name in options}
        network = open_network(given.path, given.kind, given.content, **opening)
        block = network.model if network.block is None else network.block
        distilled = block.distilled if isinstance(block, SymbolicModule) else None
        return distilled or network

    def origin(self, held: Network | Distilled, given: Given, options: Options) -> FrontsOrigin:
        from symc.module.saved import Distilled

        if isinstance(held, Distilled):
            return FrontsOrigin.of(held, "distilled", [given.label])
        assert given.path is not None
        found = distil(held, {name: value for name, value in options.items() if name not in OPENING})
        words = [given.path.name, *on_the_command_line(options)]
        return FrontsOrigin.of(found, "network", words, self.identity(held, given))

    def identity(self, held: Network | Distilled, given: Given) -> str | None:
        """The hash of the network's file and of those beside it; None for what was distilled already."""
        from symc.module.saved import Distilled

        if isinstance(held, Distilled):
            return None
        digest = hashlib.sha256()
        for path in (*given.paths, *held.beside):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def describe(self, held: Network | Distilled) -> tuple[str, dict[str, Any]]:
        from symc.module.saved import Distilled

        if isinstance(held, Distilled):
            return describe(held)
        layers = {name: type(layer).__name__ for name, layer in held.model.named_modules() if name}
        lines = [str(held), *(f"  {name}  {kind}" for name, kind in layers.items())]
        return "\n".join(lines), {"kind": held.kind, "layers": layers}


def distil(network: Network, options: Mapping[str, Any]) -> Distilled:
    """Read the sample inputs or sample the domain, record the block on them, and search for equations."""
    from symc.capture.inputs import read_inputs
    from symc.module.module import wrap

    if "inputs" not in options and "domain" not in options:
        raise SymcError(
            "a network needs sample inputs", where=network.source, hint='Pass --inputs FILE or --domain "lo:hi,lo:hi".'
        )
    if "samples" in options and "inputs" in options:
        raise SymcError("--samples goes with --domain", hint="With --inputs every row of the file is used.")
    given = {key: value for key, value in options.items() if key != "inputs"}
    if isinstance(given.get("weights"), str | Path):
        given["weights"] = read_inputs(given["weights"]).table(1)
    module = wrap(network.model if network.block is None else network.block)
    parent = None if network.block is None else network.model
    module.distill(options.get("inputs"), parent, source=Path(network.source).name, **given)
    assert module.distilled is not None
    return module.distilled
