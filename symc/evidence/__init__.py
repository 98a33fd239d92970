"""evidence: what was checked of a bundle, on what, how well, and what was not, for a person and for a machine."""
