"""The registry of published claims, and functions to use it and the user's own claims."""
