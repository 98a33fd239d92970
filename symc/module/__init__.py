"""A block that switches between its network and its equations."""
