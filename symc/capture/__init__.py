"""From a running block to a Dataset: what flows through it, as rows that are split and described."""
