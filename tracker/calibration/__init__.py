"""Measures how often verdicts are wrong, on windows of a log in which no assistant was at work."""
