"""Profiles of the AWS config file: made, changed, imported, checked before they are written."""
