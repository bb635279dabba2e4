"""This process and others: bounds on waiting, signals, the debug log, commands, the caller."""
