"""Tables (CSV, JSON) read by a column map."""
