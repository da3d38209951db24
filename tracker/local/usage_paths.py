"""The names of the files of marks. `tracker mark` loads this module, so it imports nothing."""

FOLDER = "usage"
MARKS = "marks.jsonl"
LOCK = "lock"
