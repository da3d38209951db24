"""Estimators of θ, the log time ratio, with their standard errors."""
