"""Study designs: how the arms came about, and what each design requires."""
