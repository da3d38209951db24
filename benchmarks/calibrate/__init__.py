"""How often the verdicts are wrong, measured on windows of a real log in which nothing happened.

`python -m benchmarks.calibrate` takes the whole path: a log is imported into a database, its work items are reduced
there, windows of them get arms that did nothing (or an effect that is known), and the project's own estimators judge
each. Naive methods judge the same windows beside them.
"""
