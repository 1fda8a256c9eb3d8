"""What the lab has spent by its own metering, kept beyond the resources that it was spent on."""
