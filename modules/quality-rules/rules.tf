# The rules as data: a name and what a column that follows it declares. What is not said here is null, so that every rule
# has the same shape.

locals {
  rule_sets = {
    # Data about people. Patterns say what such a value looks like, not whether it exists.
    personal = {
      email         = { type = "string", pattern = "email", classification = "pii" }
      phone         = { type = "string", pattern = "e164", classification = "pii" }
      name          = { type = "string", classification = "pii" }
      date_of_birth = { type = "date", classification = "pii" }
      postal_code   = { type = "string", pattern = "[A-Za-z0-9][A-Za-z0-9 -]{1,8}[A-Za-z0-9]", classification = "pii" }
      ip_address    = { type = "string", pattern = "ipv4", classification = "pii" }
      us_ssn        = { type = "string", pattern = "[0-9]{3}-[0-9]{2}-[0-9]{4}", classification = "pii" }
      pseudonym     = { type = "string", pattern = "[0-9a-f]{64}" }
    }

    money = {
      amount        = { type = "double", minimum = 0 }
      signed_amount = { type = "double" }
      minor_units   = { type = "bigint", minimum = 0 }
      currency      = { type = "string", enum = local.iso_4217_currencies }
      percentage    = { type = "double", minimum = 0, maximum = 100 }
      share         = { type = "double", minimum = 0, maximum = 1 }
      quantity      = { type = "bigint", minimum = 0 }
      iban          = { type = "string", pattern = "[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", classification = "pii" }
      bic           = { type = "string", pattern = "[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?" }
      card_last4    = { type = "string", pattern = "[0-9]{4}" }
    }

    geography = {
      latitude    = { type = "double", minimum = -90, maximum = 90 }
      longitude   = { type = "double", minimum = -180, maximum = 180 }
      altitude_m  = { type = "double", minimum = -500, maximum = 100000 }
      country     = { type = "string", enum = local.iso_3166_countries }
      subdivision = { type = "string", pattern = "[A-Z]{2}-[A-Z0-9]{1,3}" }
      geohash     = { type = "string", pattern = "[0-9b-hjkmnp-z]{1,12}" }
      time_zone   = { type = "string", pattern = "[A-Z][A-Za-z_]+(?:/[A-Za-z0-9_+-]+){0,2}" }
    }

    time_series = {
      timestamp           = { type = "timestamp", required = true }
      day                 = { type = "date", required = true }
      epoch_seconds       = { type = "bigint", required = true, minimum = 0, maximum = 4102444800 }
      epoch_milliseconds  = { type = "bigint", required = true, minimum = 0, maximum = 4102444800000 }
      value               = { type = "double", required = true }
      sequence            = { type = "bigint", required = true, minimum = 0 }
      unit                = { type = "string" }
      temperature_celsius = { type = "double", minimum = -273.15, maximum = 2000 }
      humidity_percent    = { type = "double", minimum = 0, maximum = 100 }
      pressure_hpa        = { type = "double", minimum = 0, maximum = 2000 }
    }

    keys = {
      uuid     = { type = "string", required = true, pattern = "uuid" }
      ulid     = { type = "string", required = true, pattern = "[0-7][0-9A-HJKMNP-TV-Z]{25}" }
      serial   = { type = "bigint", required = true, minimum = 1 }
      code     = { type = "string", required = true, pattern = "[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}" }
      slug     = { type = "string", required = true, pattern = "slug" }
      sha256   = { type = "string", required = true, pattern = "[0-9a-f]{64}" }
      required = { required = true }
      optional = { required = false }
    }
  }

  # One shape for all: an attribute that a rule does not speak about is null.
  complete = {
    for set, rules in merge(local.rule_sets, var.custom_rules) : set => {
      for name, rule in rules : name => {
        type           = try(rule.type, null)
        required       = try(rule.required, null)
        pattern        = try(rule.pattern, null)
        enum           = try(rule.enum, null)
        minimum        = try(rule.minimum, null)
        maximum        = try(rule.maximum, null)
        classification = try(rule.classification, null)
      }
    }
  }

  by_name = merge([
    for set, rules in local.complete : { for name, rule in rules : "${set}.${name}" => rule }
  ]...)
}
