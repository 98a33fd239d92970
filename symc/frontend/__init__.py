"""Network to equations: load, capture, search, choose. The only part that trains, hooks or samples."""
