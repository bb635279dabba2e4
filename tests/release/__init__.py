"""A release: what is built, what is looked at before it goes out, and the list of its parts."""
