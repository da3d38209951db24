"""Study design, estimate, verdict, threats, power. Frames in, frozen results out; no database, no printing."""
