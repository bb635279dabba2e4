"""Prints the caller's ARN, by boto3 and the profile that AWS_PROFILE names."""

import boto3

print(boto3.client("sts").get_caller_identity()["Arn"])
