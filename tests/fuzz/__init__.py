"""Fuzzers over what comes from outside: the stored record, the bus's answers, the config file."""
