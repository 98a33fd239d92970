"""A crate without std and without dependencies: its build script compiles the C, src/lib.rs calls it."""

from __future__ import annotations

from symc.pack.contents import Contents
from symc.pack.names import refuse_kept, refuse_upper_case
from symc.pack.recorded import recorded_rows
from symc.pack.registry import Packer


def files(contents: Contents) -> dict[str, bytes]:
    """The crate; SymcError for a name that is a keyword or a crate of Rust's own, or has upper case."""
    name = contents.name
    refuse_upper_case(name, "Rust")
    refuse_kept(name, "Rust")
    # Integers come and go in other ways than floats.
    kind = "rust/fixed" if contents.manifest.fixed else "rust"
    return {
        "Cargo.toml": contents.render("rust/Cargo.toml.jinja"),
        # As cargo writes it, so that building leaves the folder as it is.
        "Cargo.lock": contents.render("rust/Cargo.lock.jinja"),
        "README.md": contents.render("rust/README.md.jinja"),
        "build.rs": contents.render("rust/build.rs.jinja"),
        "src/lib.rs": contents.render(f"{kind}/lib.rs.jinja"),
        "tests/bits.rs": contents.render(f"{kind}/bits.rs.jinja", rows=recorded_rows(contents.manifest)),
        f"examples/{name}.rs": contents.render(f"{kind}/example.rs.jinja"),
        **contents.below("c/include", "c/src"),
    }


PACKER = Packer(
    files, use='Write {name} = {{ path = "{place}" }} below [dependencies] in Cargo.toml; then call {name}::eval.'
)
