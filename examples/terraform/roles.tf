locals {
  # What identity pools are called in trust policies, as principal and in the keys of conditions.
  identity_service = lookup({
    us-gov-east-1 = "cognito-identity.us-gov-east-1.amazonaws.com"
    us-gov-west-1 = "cognito-identity-us-gov.amazonaws.com"
  }, data.aws_region.current.region, "cognito-identity.amazonaws.com")

  roles = merge(
    {
      Authenticated = {
        description = "What everybody in the user pool may do"
        policies    = var.policy_arns
      }
    },
    var.group_roles ? {
      Developer = {
        description = "What the group developers may do"
        policies    = var.developer_policy_arns
      }
      Administrator = {
        description = "What the group administrators may do"
        policies    = var.administrator_policy_arns
      }
    } : {}
  )
  attachments = merge([
    for name, role in local.roles : { for at, policy in role.policies : "${name} ${at}" => { role = name, policy = policy } }
  ]...)
}

resource "aws_cognito_identity_pool" "this" {
  identity_pool_name               = var.name
  allow_unauthenticated_identities = false
  allow_classic_flow               = var.basic_flow

  cognito_identity_providers {
    provider_name = aws_cognito_user_pool.this.endpoint
    client_id     = aws_cognito_user_pool_client.this.id

    # As AWS says, an ID token of somebody who was signed out or deleted since gives no credentials.
    server_side_token_check = true
  }

  lifecycle {
    precondition {
      condition     = !(var.group_roles && var.basic_flow)
      error_message = "With the basic flow anybody could take the administrators' role: choose group_roles or basic_flow."
    }

    precondition {
      condition     = var.basic_flow || var.max_session_seconds == 3600
      error_message = "The enhanced flow gives credentials for an hour, whatever max_session_seconds is: set basic_flow, or leave it at 3600."
    }
  }
}

resource "aws_cognito_identity_pool_roles_attachment" "this" {
  identity_pool_id = aws_cognito_identity_pool.this.id

  roles = {
    authenticated = aws_iam_role.this["Authenticated"].arn
  }

  dynamic "role_mapping" {
    for_each = var.group_roles ? [1] : []

    content {
      identity_provider         = "${aws_cognito_user_pool.this.endpoint}:${aws_cognito_user_pool_client.this.id}"
      type                      = "Token"
      ambiguous_role_resolution = "Deny"
    }
  }
}

resource "aws_iam_role" "this" {
  for_each = local.roles

  name_prefix          = "${var.name}-${each.key}Role-"
  description          = each.value.description
  max_session_duration = var.max_session_seconds
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.identity_service }
      Condition = {
        StringEquals             = { "${local.identity_service}:aud" = aws_cognito_identity_pool.this.id }
        "ForAnyValue:StringLike" = { "${local.identity_service}:amr" = "authenticated" }
      }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.attachments

  role       = aws_iam_role.this[each.value.role].name
  policy_arn = each.value.policy
}

# Who is in both groups works as a developer (the lower precedence is preferred), and takes the
# administrators' role by a profile that names it.
resource "aws_cognito_user_group" "developers" {
  count = var.group_roles ? 1 : 0

  user_pool_id = aws_cognito_user_pool.this.id
  name         = "developers"
  precedence   = 1
  role_arn     = aws_iam_role.this["Developer"].arn
}

resource "aws_cognito_user_group" "administrators" {
  count = var.group_roles ? 1 : 0

  user_pool_id = aws_cognito_user_pool.this.id
  name         = "administrators"
  precedence   = 2
  role_arn     = aws_iam_role.this["Administrator"].arn
}
