# By the pipeline's name, in the account and region of the provider.
terraform import datalake_pipeline.orders orders

# With Terraform 1.12 or later also by identity, in a block (account_id and region are compared where they are given):
# import {
#   to       = datalake_pipeline.orders
#   identity = { name = "orders" }
# }
