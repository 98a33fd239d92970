"""manifest.json: what a bundle holds, where it came from and how well it agrees with the network."""

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from symc.bundle.records import Accuracy, Fixed, Meaning, Ranges, Record, Shortened, Units
from symc.ir.layered import Layered, read
from symc.ir.program import Program
from symc.version import __version__

if TYPE_CHECKING:
    from symc.ir.heads import Head

# Types are written as such, not kept as texts: msgspec would have to compile each text at the first decode, which takes
# longer than all the rest of opening a manifest.

MANIFEST_NAME = "manifest.json"
SIGNATURE_NAME = f"{MANIFEST_NAME}.sig"
SCHEMA_VERSION = 1


class Tool(Record, frozen=True):
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


THIS_TOOL = Tool(name="symc", version=__version__)


class Model(Record, frozen=True):
    """What was built: "distilled", "network", "hall_of_fame", "equations", "regressor", "estimator" or
    "compressed"; its hash."""

    kind: str
    sha256: str


class Samples(Record, frozen=True):
    """The recorded inputs and outputs of the network (parity.npz).

    Only where it is so: the rows are a sample of `seen_rows`; `nonfinite_rows` were left out because a value was NaN or
    infinite; the rows were `weighted` in the fits, and in the equations' losses, but not in the parity.
    """

    sha256: str
    rows: int
    heldout_rows: int
    seed: int
    seen_rows: int | msgspec.UnsetType = msgspec.UNSET
    nonfinite_rows: int | msgspec.UnsetType = msgspec.UNSET
    weighted: bool | msgspec.UnsetType = msgspec.UNSET


class Search(Record, frozen=True):
    """`stopped_by` says what ended the search: "evaluations", "time", "interrupted" or "converged"."""

    engine: str
    engine_version: str
    evaluations: int
    seed: int
    stopped_by: str


class Equation(Record, frozen=True):
    """`loss` and `heldout` are mean squared errors against the network on the two splits (null: not measured).

    Where the manifest has a head, `text` gives what goes into it, and the errors are those of the head's output.
    `written` is the equation as the user wrote it, where `text` is ours for it; `source` is in its place where it is
    to be written out with the `define` and `combine` of the options (symc.ir.wording).
    """

    output: str
    text: str
    complexity: int
    cost: int
    loss: float | None
    heldout: float | None
    written: str | msgspec.UnsetType = msgspec.UNSET
    source: str | msgspec.UnsetType = msgspec.UNSET


class Member(Record, frozen=True):
    """One equation of the front of an output: what could have been chosen. `loss` and `heldout` as in Equation."""

    output: str
    complexity: int
    loss: float | None
    heldout: float | None
    text: str


class Names(Record, frozen=True):
    """The own names of the columns in order, where these are not the program's (symc.capture.names)."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class Dropped(Record, frozen=True):
    """An equation that was proposed for an output but could not be used, and why."""

    output: str
    text: str
    reason: str


class Parity(Record, frozen=True):
    """Distance from the equation to the network's recorded outputs, for one output on one split.

    `relative_rmse` is `rmse` divided by the range of the network's output over the training split. `mean`, `zero`
    and `affine` are the RMSE of the trivial predictors, fitted on the training split.
    """

    output: str
    split: str
    rows: int
    rmse: float
    relative_rmse: float
    max_error: float
    r2: float
    mean: float
    zero: float
    affine: float


class Agreement(Record, frozen=True):
    """On how many of the rows of one split the equations decide for the class that the network decides for.

    `right` and `network_right` are how many of them either decides rightly, where labels were given.
    """

    split: str
    rows: int
    agreeing: int
    right: int | msgspec.UnsetType = msgspec.UNSET
    network_right: int | msgspec.UnsetType = msgspec.UNSET


class Control(Record, frozen=True):
    """The metric of the whole network with `form` in the place of a compressed block, and its rise over the original's.

    `multiply_adds` are what the form costs for one row. A figure that is not finite is null. `classes` is how often the
    network then decides as before, where it classifies.
    """

    form: str
    multiply_adds: int
    metric: float | None
    damage: float | None
    classes: Agreement | msgspec.UnsetType = msgspec.UNSET


class Manifest(Record, frozen=True):
    """`options` are those of the build, and what a compressed block tells of its making.

    `selftest` is the form of the C self-test, "short" or "full"; absent from a bundle without C. `equations` of a
    layered program are those between its matrices; only its manifest has `controls`. `accuracy` is there where the code
    was rewritten to be more accurate than the text's own order, `fronts` where there was something to choose. `head`
    stands behind the equations (symc/ir/heads.py), where there is one; it is part of the program. `agreement` is there
    where the head is a classifier's, `fixed` where the code is in fixed point.
    """

    schema: int
    tool: Tool
    name: str
    model: Model
    targets: tuple[str, ...]
    options: dict[str, str]
    equations: tuple[Equation, ...]
    program_json: dict[str, Any] = msgspec.field(name="program")
    domain: tuple[tuple[float, float], ...] | None
    samples: Samples | None
    search: Search | None
    parity: tuple[Parity, ...]
    dropped: tuple[Dropped, ...]
    reproduce: str
    files: dict[str, str]
    fronts: tuple[Member, ...] | msgspec.UnsetType = msgspec.UNSET
    selftest: str | msgspec.UnsetType = msgspec.UNSET
    controls: tuple[Control, ...] | msgspec.UnsetType = msgspec.UNSET
    meaning: tuple[Meaning, ...] | msgspec.UnsetType = msgspec.UNSET
    ranges: Ranges | msgspec.UnsetType = msgspec.UNSET
    accuracy: tuple[Accuracy, ...] | msgspec.UnsetType = msgspec.UNSET
    shortened: tuple[Shortened, ...] | msgspec.UnsetType = msgspec.UNSET
    units: Units | msgspec.UnsetType = msgspec.UNSET
    fixed: Fixed | msgspec.UnsetType = msgspec.UNSET
    head: str | msgspec.UnsetType = msgspec.UNSET
    names: Names | msgspec.UnsetType = msgspec.UNSET
    agreement: tuple[Agreement, ...] | msgspec.UnsetType = msgspec.UNSET
    digest: str = ""

    @property
    def program(self) -> Program | Layered:
        return read(self.program_json)

    @property
    def head_behind(self) -> "Head | None":
        """The head; SymcError for one that this version of symc does not know."""
        if not isinstance(self.head, str):
            return None
        # Most bundles have none, and need not pay for the table of them.
        from symc.ir.heads import Head

        return Head.of(self.head)

    @property
    def texts(self) -> tuple[str, ...]:
        """The equations as people read them, with the head around them."""
        texts, head = tuple(equation.text for equation in self.equations), self.head_behind
        return texts if head is None else head.shown(texts)

    @property
    def own_names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What the columns of inputs and of outputs are called by those whose data they are."""
        names, program = self.names, self.program
        return (names.inputs, names.outputs) if names else (program.inputs, program.outputs)

    def sealed(self) -> "Manifest":
        """A copy whose `digest` is the sha256 of all the rest, so that an edited manifest gives itself away."""
        return msgspec.structs.replace(self, digest=self.expected_digest())

    def expected_digest(self) -> str:
        plain = msgspec.structs.replace(self, digest="")
        return hashlib.sha256(msgspec.json.encode(plain, order="deterministic")).hexdigest()

    def to_bytes(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"
