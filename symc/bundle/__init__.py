"""Bundles on disk: the manifest that describes one, and writing one whole or not at all."""

from symc.bundle.manifest import MANIFEST_NAME, Manifest
from symc.bundle.opened import read_manifest
from symc.bundle.write import write_bundle

__all__ = ["MANIFEST_NAME", "Manifest", "read_manifest", "write_bundle"]
