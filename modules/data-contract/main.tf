# The datasets that a contract comes to. Read in this order: contract.tf, quality.tf, columns.tf, unmapped.tf.

locals {
  # What files can be of: one condition of a variable has to spell them too.
  formats = ["json", "ndjson", "csv", "tsv", "parquet", "avro"]

  # In ODCS a server's `json` with a new line as delimiter is an object a line.
  server_formats = [
    for server in try(concat(local.contract.servers), []) :
    lower(server.format) == "json" && try(contains(["new_line", "newline", "\n"], server.delimiter), false) ? "ndjson" : lower(server.format)
    if try(contains(local.formats, lower(server.format)), false)
  ]

  datasets = {
    for dataset, objects in local.objects : dataset => {
      format = try(var.formats[dataset], local.server_formats[0], var.default_format)
      columns = {
        for id, column in local.columns : local.facts[id].path => column if local.facts[id].dataset == dataset
      }
      quality = {
        ruleset           = length(local.rules[dataset]) == 0 ? null : "Rules = [\n  ${join(",\n  ", local.rules[dataset])}\n]"
        threshold_percent = var.threshold_percent
      }
      output = {
        partition_by = local.partition_by[dataset]
      }
    }
  }
}
