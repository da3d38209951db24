"""Time logs over the documented web interfaces of other tools, fetched as the tools' own JSON."""
