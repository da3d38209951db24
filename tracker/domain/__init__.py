"""Records and conversions that every package may import. No input or output."""
