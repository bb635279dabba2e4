#!/bin/sh
# Prints the caller's ARN, by the AWS CLI that PATH finds and the profile that AWS_PROFILE names.
exec aws sts get-caller-identity --query Arn --output text "$@"
