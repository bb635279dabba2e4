// Prints the caller's ARN, by the AWS SDK for JavaScript and the profile that AWS_PROFILE names.
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const answer = await new STSClient({}).send(new GetCallerIdentityCommand({}));
console.log(answer.Arn);
