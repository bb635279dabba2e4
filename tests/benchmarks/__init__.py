"""What a hit and a renewal cost, in multiples of an empty Python; never a timed test."""
