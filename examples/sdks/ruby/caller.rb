# Prints the caller's ARN, by the AWS SDK for Ruby and the profile that AWS_PROFILE names.
require "aws-sdk-core"

puts Aws::STS::Client.new.get_caller_identity.arn
