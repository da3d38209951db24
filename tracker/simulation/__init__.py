"""Simulated studies: made-up work as that of a baseline, under a chosen design and true gain."""
