# The bus, its rules with their targets, and the queues behind them.

resource "aws_cloudwatch_event_bus" "this" {
  for_each = local.of.event_bus

  name               = each.value.bus_name
  description        = each.value.description
  kms_key_identifier = each.value.kms_key_arn
  tags               = each.value.tags
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.of.rule

  name           = each.value.rule_name
  event_bus_name = each.value.bus_name
  description    = each.value.description
  event_pattern  = jsonencode(each.value.pattern)
  state          = each.value.enabled ? "ENABLED" : "DISABLED"
  tags           = each.value.tags

  depends_on = [aws_cloudwatch_event_bus.this]
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = merge([
    for name, rule in local.of.rule : {
      for id, target in rule.targets : "${name}.${id}" => merge(target, { rule = name, id = id })
    }
  ]...)

  rule           = aws_cloudwatch_event_rule.this[each.value.rule].name
  event_bus_name = aws_cloudwatch_event_rule.this[each.value.rule].event_bus_name
  target_id      = each.value.id
  arn            = each.value.arn
  role_arn       = each.value.role_arn

  dynamic "dead_letter_config" {
    for_each = each.value.dead_letter_arn == null ? [] : [each.value.dead_letter_arn]

    content {
      arn = dead_letter_config.value
    }
  }

  depends_on = [aws_sqs_queue_policy.this, aws_iam_role_policy.this]
}

resource "aws_sqs_queue" "dead_letters" {
  for_each = { for name, queue in local.of.queue : name => queue if queue.dead_letter == null }

  name                       = each.value.queue_name
  visibility_timeout_seconds = each.value.visibility_timeout_seconds
  message_retention_seconds  = each.value.message_retention_seconds
  kms_master_key_id          = each.value.kms_key_arn
  sqs_managed_sse_enabled    = each.value.kms_key_arn == null ? true : null
  tags                       = each.value.tags
}

resource "aws_sqs_queue" "this" {
  for_each = { for name, queue in local.of.queue : name => queue if queue.dead_letter != null }

  name                       = each.value.queue_name
  visibility_timeout_seconds = each.value.visibility_timeout_seconds
  message_retention_seconds  = each.value.message_retention_seconds
  kms_master_key_id          = each.value.kms_key_arn
  sqs_managed_sse_enabled    = each.value.kms_key_arn == null ? true : null
  tags                       = each.value.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = each.value.dead_letter[0]
    maxReceiveCount     = each.value.dead_letter[1]
  })

  depends_on = [aws_sqs_queue.dead_letters]
}

resource "aws_sqs_queue_policy" "this" {
  for_each = local.of.queue

  queue_url = merge(aws_sqs_queue.dead_letters, aws_sqs_queue.this)[each.key].url
  policy    = jsonencode(each.value.policy)
}
