"""The functions of double precision: one fixed sequence of operations each (docs/float64.md)."""
