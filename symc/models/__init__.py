"""Model files, told by their bytes and opened safely."""
