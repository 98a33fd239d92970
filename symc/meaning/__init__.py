"""Whether code computes what an equation means: text and Program against each other, in real numbers."""
