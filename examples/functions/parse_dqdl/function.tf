# Every ruleset is read before anything is planned; a mistake is shown with its line and column.
output "rules" {
  value = provider::datalake::parse_dqdl(file("${path.module}/orders.dqdl"))
}
