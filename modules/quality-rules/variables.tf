# All optional: without any the module is a library of rules. In alphabetical order.

variable "columns" {
  description = "Columns to compose, by name. `rules` names rules as `set.rule`, such as `personal.email`; of two rules that speak about the same attribute the later wins. What else is given wins over all rules."
  type = map(object({
    rules          = optional(list(string), [])
    type           = optional(string)
    required       = optional(bool)
    pattern        = optional(string)
    enum           = optional(set(string))
    minimum        = optional(number)
    maximum        = optional(number)
    classification = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue(flatten([for column in values(var.columns) : [for rule in column.rules : can(regex("^[a-z0-9_]+\\.[a-z0-9_]+$", rule))]]))
    error_message = "A rule is named by its set and its name with a dot between, such as personal.email."
  }
}

variable "completeness_minimum_percent" {
  description = "For columns that may be empty in some rows: the smallest share of an object's rows, in percent, that must have a value, by column. It goes into `ruleset`."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for share in values(var.completeness_minimum_percent) : share >= 0 && share <= 100])
    error_message = "A percentage lies between 0 and 100."
  }
}

variable "custom_rules" {
  description = "Rules of your own, by set and name. A set with the name of a built-in one takes its place."
  type = map(map(object({
    type           = optional(string)
    required       = optional(bool)
    pattern        = optional(string)
    enum           = optional(set(string))
    minimum        = optional(number)
    maximum        = optional(number)
    classification = optional(string)
  })))
  default  = {}
  nullable = false
}

variable "length_maximum" {
  description = "Largest number of characters, by column; a row without a value passes. It goes into `ruleset`."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for length in values(var.length_maximum) : length >= 0 && length == floor(length)])
    error_message = "A length is a whole number, 0 or more."
  }
}

variable "row_count_maximum" {
  description = "Largest number of rows of an object. Null: no limit. It goes into `ruleset`."
  type        = number
  default     = null
}

variable "row_count_minimum" {
  description = "Smallest number of rows of an object. Null: no limit. It goes into `ruleset`."
  type        = number
  default     = null
}

variable "ruleset_rules" {
  description = "Further DQDL rules, one a text and without the comma, put behind the others in `ruleset`."
  type        = list(string)
  default     = []
  nullable    = false
}
