variable "name" {
  description = "What user pool, identity pool and roles are called."
  type        = string
  default     = "team"

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{0,18}$", var.name))
    error_message = "It is a word of up to 19 letters, digits and hyphens."
  }
}

variable "policy_arns" {
  description = "What everybody may do: ARNs of managed policies. With group_roles nobody gets this role, since the groups' roles take its place."
  type        = list(string)
  default     = []
}

variable "permissions_boundary" {
  description = "ARN of a managed policy that every role gets as its permissions boundary."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:[a-z-]+:iam::(\\d{12}|aws):policy/.+$", var.permissions_boundary))
    error_message = "It is the ARN of a managed policy: arn:aws:iam::123456789012:policy/NAME."
  }
}

variable "group_roles" {
  description = "Two groups, developers and administrators, with a role each. Who is in neither gets no credentials."
  type        = bool
  default     = false
}

variable "developer_policy_arns" {
  description = "What developers may do, with group_roles."
  type        = list(string)
  default     = []
}

variable "administrator_policy_arns" {
  description = "What administrators may do, with group_roles."
  type        = list(string)
  default     = []
}

variable "self_sign_up_domains" {
  description = "Who has an e-mail address of one of these domains may sign up without an administrator. Empty: only administrators create users."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for domain in var.self_sign_up_domains : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", domain))])
    error_message = "Each is a domain in small letters, such as example.com."
  }
}

variable "threat_protection" {
  description = "Cognito's advanced security. AUDIT judges the risk of each sign-in, ENFORCED also blocks those at high risk, and stolen passwords when they are chosen. Either moves the pool to the Plus plan, which costs more."
  type        = string
  default     = "OFF"

  validation {
    condition     = contains(["OFF", "AUDIT", "ENFORCED"], var.threat_protection)
    error_message = "It is OFF, AUDIT or ENFORCED."
  }
}

variable "basic_flow" {
  description = "Allow the basic (classic) flow, for credentials of more than an hour. Not together with group_roles: in that flow people choose among all roles that trust this pool, whatever their groups."
  type        = bool
  default     = false
}

variable "max_session_seconds" {
  description = "How long credentials may last. More than an hour needs basic_flow."
  type        = number
  default     = 3600

  validation {
    condition     = var.max_session_seconds >= 3600 && var.max_session_seconds <= 43200
    error_message = "It is 3600 to 43200 seconds."
  }
}

variable "refresh_token_days" {
  description = "After so many days a person signs in again."
  type        = number
  default     = 30

  validation {
    condition     = var.refresh_token_days >= 1 && var.refresh_token_days <= 365
    error_message = "It is 1 to 365 days."
  }
}

variable "domain_prefix" {
  description = "Sign-in in the browser as well, on a page at PREFIX.auth.REGION.amazoncognito.com (cognito_auth_flow = BROWSER). Unique in the region, and without aws, amazon and cognito in it. To change it, first empty, then the new one. Empty: no such page."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^$|^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", var.domain_prefix))
    error_message = "A prefix has lower-case letters, digits and hyphens, and no hyphen at either end."
  }
}

variable "mail_identity_arn" {
  description = "ARN of a verified identity in Amazon SES, out of its sandbox: mail goes out by SES, under its quota. Without it: Cognito's own mailer, 50 mails a day."
  type        = string
  default     = null

  validation {
    condition     = var.mail_identity_arn == null || can(regex("^arn:[a-z-]+:ses:[a-z0-9-]+:\\d{12}:identity/[\\w+=,.@-]+$", var.mail_identity_arn))
    error_message = "It is the ARN of an identity in Amazon SES: arn:aws:ses:eu-west-1:123456789012:identity/example.com."
  }
}

variable "mail_from" {
  description = "Whom mail is from, with mail_identity_arn, such as Team <team@example.com>. Needed where the identity is a domain."
  type        = string
  default     = null

  validation {
    condition     = var.mail_from == null || can(regex("^[^<>@\\s]+@[^<>@\\s]+$|^[^<>@\\r\\n]+ <[^<>@\\s]+@[^<>@\\s]+>$", var.mail_from))
    error_message = "It is an address, or a name and an address: Team <team@example.com>."
  }
}

variable "deletion_protection" {
  description = "While ACTIVE, the user pool cannot be deleted. Nothing else is protected."
  type        = string
  default     = "ACTIVE"

  validation {
    condition     = contains(["ACTIVE", "INACTIVE"], var.deletion_protection)
    error_message = "It is ACTIVE or INACTIVE."
  }
}
