"""A result → terminal text, JSON, CSV, figures, one HTML page. Computes nothing."""
