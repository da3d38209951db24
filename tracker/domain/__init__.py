"""Records and conversions that every package may import. Nothing here does input or output."""
