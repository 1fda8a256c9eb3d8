"""CloudWatch alarms: settings, states that follow the data, actions and history."""
