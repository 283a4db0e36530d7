# Pure data in, pure data out.

run "a_library_without_inputs" {
  assert {
    condition     = output.personal.email.pattern == "email" && output.personal.email.classification == "pii"
    error_message = "The rule for e-mail addresses must name its pattern and its classification."
  }
  assert {
    condition     = length(output.geography.country.enum) == 249 && contains(output.geography.country.enum, "DE")
    error_message = "ISO 3166-1 has 249 countries."
  }
  assert {
    condition     = length(output.money.currency.enum) == 155 && contains(output.money.currency.enum, "EUR") && !contains(output.money.currency.enum, "XXX")
    error_message = "Currencies in use, and no code for tests."
  }
  assert {
    condition     = output.columns == {} && output.ruleset == null
    error_message = "Nothing asked, nothing composed."
  }
  assert {
    condition     = contains(output.rule_names, "keys.uuid") && contains(output.rule_names, "time_series.timestamp")
    error_message = "Every rule must be named."
  }
}

run "patterns_take_what_they_should" {
  assert {
    condition = alltrue([
      can(regex("^(?:${output.money.iban.pattern})$", "DE89370400440532013000")),
      can(regex("^(?:${output.money.bic.pattern})$", "DEUTDEFF")),
      can(regex("^(?:${output.money.bic.pattern})$", "DEUTDEFF500")),
      can(regex("^(?:${output.geography.subdivision.pattern})$", "US-CA")),
      can(regex("^(?:${output.geography.geohash.pattern})$", "u33dc0")),
      can(regex("^(?:${output.geography.time_zone.pattern})$", "America/Argentina/Buenos_Aires")),
      can(regex("^(?:${output.geography.time_zone.pattern})$", "UTC")),
      can(regex("^(?:${output.keys.ulid.pattern})$", "01ARZ3NDEKTSV4RRFFQ69G5FAV")),
      can(regex("^(?:${output.personal.postal_code.pattern})$", "SW1A 1AA")),
      can(regex("^(?:${output.personal.us_ssn.pattern})$", "078-05-1120")),
    ])
    error_message = "A pattern refuses a value that is good."
  }
  assert {
    condition = !anytrue([
      can(regex("^(?:${output.money.iban.pattern})$", "DE89 3704 0044 0532 0130 00")),
      can(regex("^(?:${output.money.bic.pattern})$", "DEUTDEF")),
      can(regex("^(?:${output.geography.geohash.pattern})$", "u33dca")),
      can(regex("^(?:${output.keys.ulid.pattern})$", "81ARZ3NDEKTSV4RRFFQ69G5FAV")),
      can(regex("^(?:${output.personal.us_ssn.pattern})$", "078051120")),
      can(regex("^(?:${output.keys.code.pattern})$", "")),
    ])
    error_message = "A pattern takes a value that is bad."
  }
}

run "rules_compose_per_column" {
  variables {
    columns = {
      email    = { rules = ["personal.email", "keys.required"] }
      price    = { rules = ["money.amount"], maximum = 10000 }
      loss     = { rules = ["money.amount", "money.signed_amount"], minimum = -5 }
      nickname = { type = "string" }
      id       = { rules = ["keys.uuid", "keys.optional"] }
    }
  }
  assert {
    condition     = output.columns.email.required == true && output.columns.email.pattern == "email"
    error_message = "Two rules that speak about different attributes must both hold."
  }
  assert {
    condition     = output.columns.price.minimum == 0 && output.columns.price.maximum == 10000
    error_message = "What the column says must stand beside what its rule says."
  }
  assert {
    condition     = output.columns.loss.minimum == -5
    error_message = "What the column says must win."
  }
  assert {
    condition     = output.columns.id.required == false && output.columns.id.pattern == "uuid"
    error_message = "Of two rules about one attribute the later must win, also with false."
  }
  assert {
    condition     = output.columns.nickname.type == "string" && output.columns.nickname.pattern == null
    error_message = "A column may do without rules."
  }
  assert {
    condition     = output.classified_columns == { pii = toset(["email"]) }
    error_message = "Classified columns must be named."
  }
}

run "custom_rules" {
  variables {
    custom_rules = {
      shop = { sku = { type = "string", required = true, pattern = "[A-Z]{3}-[0-9]{4}" } }
    }
    columns = { sku = { rules = ["shop.sku"] } }
  }
  assert {
    condition     = output.columns.sku.pattern == "[A-Z]{3}-[0-9]{4}"
    error_message = "A custom rule must be usable as a built-in one is."
  }
}

run "a_ruleset_about_objects" {
  variables {
    row_count_minimum            = 1
    completeness_minimum_percent = { email = 95 }
    length_maximum               = { note = 200 }
    ruleset_rules                = ["ColumnValues \"status\" in [\"new\", \"paid\"] with threshold > 0.9"]
  }
  assert {
    condition = output.ruleset == trimspace(<<-DQDL
      Rules = [
        RowCount >= 1,
        Completeness "email" >= 0.95,
        (ColumnLength "note" <= 200) or (ColumnValues "note" = NULL),
        ColumnValues "status" in ["new", "paid"] with threshold > 0.9
      ]
    DQDL
    )
    error_message = "The ruleset is not what was asked: ${output.ruleset}"
  }
}

run "an_unknown_rule_is_refused" {
  command = plan
  variables {
    columns = { email = { rules = ["personal.e_mail"] } }
  }
  expect_failures = [output.columns]
}

run "a_rule_needs_its_set" {
  command = plan
  variables {
    columns = { email = { rules = ["email"] } }
  }
  expect_failures = [var.columns]
}

run "a_column_needs_a_type" {
  command = plan
  variables {
    columns = { email = { rules = ["keys.required"] } }
  }
  expect_failures = [output.columns]
}
