"""From a Dataset to Pareto fronts of equations."""
