"""The registry of published claims, and the user's own."""
