// Prints the caller's ARN, by the AWS SDK for .NET and the profile that AWS_PROFILE names.
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

using var sts = new AmazonSecurityTokenServiceClient();
var answer = await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest());
System.Console.WriteLine(answer.Arn);
