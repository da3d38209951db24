"""Whether an AI assistant made your design and testing more efficient, from your own time log."""

__version__ = "0.1.0"
