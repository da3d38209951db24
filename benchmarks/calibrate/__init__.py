"""Measures how often verdicts are wrong, on windows of a real log in which there was no assistant.

`python -m benchmarks.calibrate` imports the log into a database and reads its work items. It draws
windows of them and assigns arms that had no effect, or a known one. The project's estimators and
the methods that people commonly use then judge the same windows.
"""
