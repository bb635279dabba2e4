# Users of an Amazon Cognito user pool get temporary AWS credentials with cognito-credproc. Safe as it
# is: administrators create the users, MFA is required, and the role may do nothing until you say what.

locals {
  has_self_sign_up = length(var.self_sign_up_domains) > 0
  has_domain       = var.domain_prefix != ""
  pages            = startswith(data.aws_region.current.region, "us-gov-") ? "auth-fips" : "auth"
}

resource "aws_cognito_user_pool" "this" {
  name                     = var.name
  user_pool_tier           = var.threat_protection == "OFF" ? "ESSENTIALS" : "PLUS"
  deletion_protection      = var.deletion_protection
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  mfa_configuration        = "ON"

  user_pool_add_ons {
    advanced_security_mode = var.threat_protection
  }

  admin_create_user_config {
    allow_admin_create_user_only = !local.has_self_sign_up
  }

  username_configuration {
    case_sensitive = false
  }

  schema {
    name                = "email"
    attribute_data_type = "String"
    required            = true
    mutable             = true

    # What Cognito has anyway: without it the provider would replace the pool at the next run.
    string_attribute_constraints {
      min_length = "0"
      max_length = "2048"
    }
  }

  # An address counts when its owner has typed the code that was sent there, also where somebody
  # changes it later: until then the old one stays.
  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }

  # Said in either case: an update without it may leave the pool with the mailer that it had.
  email_configuration {
    email_sending_account = var.mail_identity_arn == null ? "COGNITO_DEFAULT" : "DEVELOPER"
    source_arn            = var.mail_identity_arn
    from_email_address    = var.mail_from
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  software_token_mfa_configuration {
    enabled = true
  }

  password_policy {
    minimum_length                   = 12
    require_lowercase                = true
    require_uppercase                = true
    require_numbers                  = true
    require_symbols                  = false
    temporary_password_validity_days = 3
  }

  dynamic "lambda_config" {
    for_each = aws_lambda_function.domain_check

    content {
      pre_sign_up          = lambda_config.value.arn
      pre_token_generation = lambda_config.value.arn
    }
  }

  lifecycle {
    precondition {
      condition     = var.mail_from == null || var.mail_identity_arn != null
      error_message = "Cognito refuses a sender for its own mailer: set mail_identity_arn too, or leave out mail_from."
    }
  }
}

resource "aws_cognito_user_pool_client" "this" {
  name         = "cognito-credproc"
  user_pool_id = aws_cognito_user_pool.this.id

  # A secret on every machine would be none.
  generate_secret = false

  # Passwords are proven and never sent. With rotation, refreshing needs no flow in this list:
  # Cognito refuses ALLOW_REFRESH_TOKEN_AUTH beside it, and GetTokensFromRefreshToken needs none.
  explicit_auth_flows           = ["ALLOW_USER_SRP_AUTH"]
  enable_token_revocation       = true
  prevent_user_existence_errors = "ENABLED"
  auth_session_validity         = 3
  access_token_validity         = 15
  id_token_validity             = 15
  refresh_token_validity        = var.refresh_token_days
  read_attributes               = ["email", "email_verified"]
  write_attributes              = ["email"]
  supported_identity_providers  = ["COGNITO"]

  allowed_oauth_flows_user_pool_client = local.has_domain
  allowed_oauth_flows                  = local.has_domain ? ["code"] : null
  allowed_oauth_scopes                 = local.has_domain ? ["openid", "email"] : null
  callback_urls                        = local.has_domain ? ["http://localhost:8976/"] : null

  refresh_token_rotation {
    feature                    = "ENABLED"
    retry_grace_period_seconds = 60
  }

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }
}

resource "aws_cognito_user_pool_domain" "this" {
  count = local.has_domain ? 1 : 0

  user_pool_id          = aws_cognito_user_pool.this.id
  domain                = var.domain_prefix
  managed_login_version = 2
}

# Without a style there is no page.
resource "aws_cognito_managed_login_branding" "this" {
  count = local.has_domain ? 1 : 0

  user_pool_id                = aws_cognito_user_pool.this.id
  client_id                   = aws_cognito_user_pool_client.this.id
  use_cognito_provided_values = true
}

resource "aws_cognito_risk_configuration" "this" {
  count = var.threat_protection == "ENFORCED" ? 1 : 0

  # Without a client id it holds for all clients.
  user_pool_id = aws_cognito_user_pool.this.id

  account_takeover_risk_configuration {
    actions {
      high_action {
        event_action = "BLOCK"
        notify       = false
      }
    }
  }

  compromised_credentials_risk_configuration {
    # A sign-in by SRP sends no password that could be looked at; one on the page does.
    event_filter = local.has_domain ? ["SIGN_IN", "SIGN_UP", "PASSWORD_CHANGE"] : ["SIGN_UP", "PASSWORD_CHANGE"]

    actions {
      event_action = "BLOCK"
    }
  }
}
