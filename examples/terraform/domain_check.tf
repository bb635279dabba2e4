# The function is created only where people may sign up by themselves.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "archive_file" "domain_check" {
  type        = "zip"
  source_file = "${path.module}/index.py"
  output_path = "${path.module}/domain_check.zip"
}

resource "aws_lambda_function" "domain_check" {
  count = local.has_self_sign_up ? 1 : 0

  function_name    = "${var.name}-domain-check"
  description      = "Lets only the allowed domains sign up and sign in"
  runtime          = "python3.13"
  architectures    = ["arm64"]
  handler          = "index.handler"
  memory_size      = 128
  timeout          = 5
  role             = aws_iam_role.domain_check[0].arn
  filename         = data.archive_file.domain_check.output_path
  source_code_hash = data.archive_file.domain_check.output_base64sha256

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.domain_check[0].name
  }

  environment {
    variables = {
      ALLOWED_DOMAINS = join(",", var.self_sign_up_domains)
    }
  }
}

resource "aws_cloudwatch_log_group" "domain_check" {
  count = local.has_self_sign_up ? 1 : 0

  name              = "/aws/lambda/${var.name}-domain-check"
  retention_in_days = 90
}

resource "aws_iam_role" "domain_check" {
  count = local.has_self_sign_up ? 1 : 0

  name_prefix          = "${var.name}-DomainCheckRole-"
  description          = "Lets the domain check write its log"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "domain_check" {
  count = local.has_self_sign_up ? 1 : 0

  name = "log"
  role = aws_iam_role.domain_check[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.domain_check[0].arn}:*"
    }]
  })
}

resource "aws_lambda_permission" "domain_check" {
  count = local.has_self_sign_up ? 1 : 0

  function_name  = aws_lambda_function.domain_check[0].function_name
  action         = "lambda:InvokeFunction"
  principal      = "cognito-idp.amazonaws.com"
  source_account = data.aws_caller_identity.current.account_id
  source_arn     = aws_cognito_user_pool.this.arn
}
