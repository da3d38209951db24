"""One developer's machine: timer, outbox, activity cache, settings, atomic files. Standard library only."""
