"""AWS credentials from Amazon Cognito, through one credential_process line."""

__version__ = "0.1.0"
