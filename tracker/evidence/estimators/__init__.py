"""Estimators of the log time ratio, with their standard errors."""
