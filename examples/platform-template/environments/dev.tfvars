environment = "dev"

retention = {
  log_days        = 7
  raw_days        = 30
  processed_days  = 30
  quarantine_days = 30
}
