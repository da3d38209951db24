"""Study design, estimate, verdict, threats and power: frames in, frozen results out."""
