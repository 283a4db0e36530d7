locals {
  sensors = {
    name = "sensors"
    datasets = {
      readings = { format = "json", columns = { id = { type = "string", required = true } } }
      orders = {
        format  = "csv"
        columns = { order_id = { type = "bigint", required = true }, email = { type = "string", pattern = "email" } }

        transforms = [{ mask = { column = "email", method = "hash" } }]
      }
    }
  }
}

# `terraform output -raw picture > picture.svg`
output "picture" {
  value = provider::datalake::diagram_svg(local.sensors, "123456789012", "eu-west-1")
}
