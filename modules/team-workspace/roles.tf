# Roles for the people of the team, each with its policy and nothing else. They exist where somebody may assume them.

locals {
  principals = {
    analyst = var.analyst_principal_arns
    steward = var.steward_principal_arns
  }

  policies = {
    analyst = jsonencode({ Version = "2012-10-17", Statement = concat(local.query, local.list, local.use_key) })
    steward = jsonencode({ Version = "2012-10-17", Statement = concat(local.query, local.list, local.inspect, local.use_key) })
  }
}

resource "aws_iam_role" "people" {
  for_each = { for role, principals in local.principals : role => principals if length(principals) > 0 }

  name                 = "${var.team}-${each.key}"
  description          = "The ${each.key}s of the team ${var.team}: they read, and change nothing."
  permissions_boundary = var.permissions_boundary_arn
  tags                 = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = sort(each.value) }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "people" {
  for_each = aws_iam_role.people

  name   = "read"
  role   = each.value.name
  policy = local.policies[each.key]
}
