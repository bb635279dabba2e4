module caller

go 1.25

require github.com/aws/aws-sdk-go-v2/config v1.33.18
