"""What to write instead of a value where it may not stand, by the kind of place."""
