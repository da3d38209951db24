"""What `make bench` runs: times as ratios in one run, medians of several, whole processes."""
