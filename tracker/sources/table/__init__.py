"""Reading tables (CSV, JSON) by a column map."""
