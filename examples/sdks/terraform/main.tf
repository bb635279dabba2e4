# Prints the caller's ARN, by Terraform's (or OpenTofu's) AWS provider and the profile that
# AWS_PROFILE names; `profile = "dev"` in the provider block says it in the file instead.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {}

data "aws_caller_identity" "current" {}

output "arn" {
  value = data.aws_caller_identity.current.arn
}
