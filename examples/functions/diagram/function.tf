locals {
  sensors = {
    name = "sensors"
    datasets = {
      readings = { format = "json", columns = { id = { type = "string", required = true } } }
    }
  }
}

# `terraform output -raw picture > picture.mmd`, or into a block ```mermaid of a Markdown file.
output "picture" {
  value = provider::datalake::diagram(local.sensors, "123456789012", "eu-west-1")
}
