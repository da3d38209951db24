"""Judges a log: asks evidence what it needs and lets the store aggregate it.

Only this package and the notebook import both.
"""
