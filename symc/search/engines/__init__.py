"""Search engines: what proposes equations."""
