"""Fitted estimators of scikit-learn whose predictions are closed forms: one file for each family."""
