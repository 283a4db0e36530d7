# Masking happens where people read, not where rows are stored: SQL for a view of each dataset that hashes what is classified.
#
# The view leaves out `_rescued`, which may hold anything.

locals {
  masked_columns = {
    for name, dataset in var.datasets : name => sort([
      for column, declared in coalesce(dataset.columns, {}) : column
      if declared.classification != null && contains(var.masked_classifications, coalesce(declared.classification, "-"))
    ])
  }

  # A column's name in the catalogue.
  catalog_names = {
    for name, dataset in var.datasets : name => {
      for column in keys(coalesce(dataset.columns, {})) : column => lower(replace(column, ".", "_"))
    }
  }

  view_columns = {
    for name, dataset in var.datasets : name => [
      for column, catalog_name in local.catalog_names[name] :
      contains(local.masked_columns[name], column)
      ? "to_hex(sha256(to_utf8(CAST(\"${catalog_name}\" AS varchar)))) AS \"${catalog_name}\""
      : "\"${catalog_name}\""
    ]
  }

  database_name = module.pipeline.database_name

  masked_view_sql = {
    for name, columns in local.view_columns : name => join("\n", [
      "CREATE OR REPLACE VIEW \"${local.database_name}\".\"${name}_masked\" AS",
      "SELECT",
      "  ${join(",\n  ", columns)}",
      "FROM \"${local.database_name}\".\"${name}\"",
    ]) if length(columns) > 0
  }

  # No view is offered of rows that are kept whole, nor of curated ones: `transforms` and `sql` say what their columns are.
  unmasked_table_names = toset(concat(
    [for name, columns in local.view_columns : name if length(columns) == 0],
    [for name, dataset in var.datasets : "${name}_curated" if length(coalesce(dataset.transforms, [])) > 0 || dataset.sql != null],
  ))
}
