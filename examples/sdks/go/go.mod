module caller

go 1.19

require (
	github.com/aws/aws-sdk-go-v2/config v1.17.10
	github.com/aws/aws-sdk-go-v2/service/sts v1.17.1
)
