import software.amazon.awssdk.services.sts.StsClient;

/** Prints the caller's ARN, by the AWS SDK for Java 2.x and the profile that AWS_PROFILE names. */
public final class Caller {
    public static void main(String[] arguments) {
        try (StsClient sts = StsClient.create()) {
            System.out.println(sts.getCallerIdentity().arn());
        }
    }
}
