# Required

variable "contract_yaml" {
  description = "The data contract: the text of a YAML document after the Open Data Contract Standard, version 3, such as `file(\"orders.odcs.yaml\")`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^v3\\.", yamldecode(var.contract_yaml).apiVersion)) && try(yamldecode(var.contract_yaml).kind, "") == "DataContract"
    error_message = "The text must be a YAML document with kind DataContract and an apiVersion that begins with v3."
  }

  validation {
    condition     = try(length(yamldecode(var.contract_yaml).schema) > 0, false)
    error_message = "The contract's schema must hold at least one object."
  }
}

# Optional, in alphabetical order

variable "default_format" {
  description = "Format of the files where neither `formats` nor a server of the contract says it: `json`, `ndjson`, `csv`, `tsv`, `parquet` or `avro`."
  type        = string
  default     = "json"
  nullable    = false

  validation {
    condition     = contains(["json", "ndjson", "csv", "tsv", "parquet", "avro"], var.default_format)
    error_message = "The format is json, ndjson, csv, tsv, parquet or avro."
  }
}

variable "formats" {
  description = "Format of the files by dataset: `json`, `ndjson`, `csv`, `tsv`, `parquet` or `avro`. It wins over what a server of the contract says."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for format in values(var.formats) : contains(["json", "ndjson", "csv", "tsv", "parquet", "avro"], format)])
    error_message = "The format is json, ndjson, csv, tsv, parquet or avro."
  }
}

variable "partitioning_enabled" {
  description = "Whether properties that are `partitioned` become folders of the accepted rows, where they can."
  type        = bool
  default     = true
  nullable    = false
}

variable "physical_names_enabled" {
  description = "Whether columns and datasets are called by their `physicalName`, where there is one, and not by their `name`."
  type        = bool
  default     = false
  nullable    = false
}

variable "strict_enabled" {
  description = "Whether a contract that cannot be mapped completely stops the plan, with everything that is missing."
  type        = bool
  default     = false
  nullable    = false
}

variable "threshold_percent" {
  description = "Smallest score at which an object's good rows are accepted, for every dataset. Null leaves it to whoever takes the datasets."
  type        = number
  default     = null

  validation {
    condition     = var.threshold_percent == null || (coalesce(var.threshold_percent, 0) >= 0 && coalesce(var.threshold_percent, 0) <= 100)
    error_message = "A percentage lies between 0 and 100."
  }
}
