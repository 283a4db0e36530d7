# The state lies in a bucket with versions; which one is said by a file in backends/ at `terraform init`.

terraform {
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}
