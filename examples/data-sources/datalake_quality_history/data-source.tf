data "datalake_quality_history" "sensors" {
  pipeline_name = "sensors"
  hours_back    = 6
}

# A deployment that must not follow bad data says so before it goes on.
check "the_last_hours_were_good" {
  assert {
    condition     = alltrue([for score in values(data.datalake_quality_history.sensors.scores) : score >= 90])
    error_message = "A dataset scored below 90 percent in the last six hours."
  }
}
