"""Parse → call → print."""
