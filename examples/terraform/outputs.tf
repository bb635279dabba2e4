# What `terraform output -json` says becomes a profile; the names are those of the settings.

output "user_pool_id" {
  value = aws_cognito_user_pool.this.id
}

output "user_pool_client_id" {
  value = aws_cognito_user_pool_client.this.id
}

output "identity_pool_id" {
  value = aws_cognito_identity_pool.this.id
}

output "region" {
  value = data.aws_region.current.region
}

output "cognito_domain" {
  value = local.has_domain ? "${var.domain_prefix}.${local.pages}.${data.aws_region.current.region}.amazoncognito.com" : null
}

output "authenticated_role_arn" {
  value = aws_iam_role.this["Authenticated"].arn
}

output "developer_role_arn" {
  value = var.group_roles ? aws_iam_role.this["Developer"].arn : null
}

output "administrator_role_arn" {
  value = var.group_roles ? aws_iam_role.this["Administrator"].arn : null
}
