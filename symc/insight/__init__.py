"""What a network or a surrogate is worth: where to distil, how well it was done, what it does around one point."""
