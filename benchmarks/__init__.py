"""The benchmarks of `make bench`: whole processes, timed against a reference in the same run."""
