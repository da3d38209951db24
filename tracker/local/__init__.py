"""The state on one developer's machine: timer, outbox, activity cache and settings.

Standard library only, because every command of the timer loads it.
"""
