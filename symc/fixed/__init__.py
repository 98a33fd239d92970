"""Programs in fixed point: a format for every value from its proved range, their integer oracle, and their errors."""
