// Prints the caller's ARN, by the AWS SDK for C++ and the profile that AWS_PROFILE names.
#include <aws/core/Aws.h>
#include <aws/sts/STSClient.h>
#include <aws/sts/model/GetCallerIdentityRequest.h>

#include <iostream>

static int caller() {
    Aws::STS::STSClient sts;
    const auto outcome = sts.GetCallerIdentity(Aws::STS::Model::GetCallerIdentityRequest());
    if (!outcome.IsSuccess()) {
        std::cerr << "error: " << outcome.GetError().GetMessage() << std::endl;
        return 1;
    }
    std::cout << outcome.GetResult().GetArn() << std::endl;
    return 0;
}

int main() {
    Aws::SDKOptions options;
    Aws::InitAPI(options);
    const int status = caller();  // the client has to be gone before ShutdownAPI
    Aws::ShutdownAPI(options);
    return status;
}
