"""What outlives a run: items of the OS keyring, and the state folder with the lock."""
