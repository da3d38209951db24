"""The charts: each draws the data of its counterpart in evidence."""
