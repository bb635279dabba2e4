"""The campaigns of faults: on the way to the service and in it, in keyrings, by callers."""
