"""What a profile says: its keys, the AWS config file, its `credential_process` line."""
