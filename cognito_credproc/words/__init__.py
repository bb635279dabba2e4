"""What a person reads: help, errors, tables."""
