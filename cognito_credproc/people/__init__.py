"""Whoever is asked: on the terminal, in a window, in the browser."""
