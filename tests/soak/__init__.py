"""Thousands of runs over simulated days with everything going wrong now and then."""
