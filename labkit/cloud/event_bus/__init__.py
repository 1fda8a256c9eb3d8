"""EventBridge: events of the cloud's services and of programs, rules that match them, targets that get them, schedules."""
