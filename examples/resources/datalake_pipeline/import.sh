# By the pipeline's name, in the account and region of the provider.
terraform import datalake_pipeline.orders orders
