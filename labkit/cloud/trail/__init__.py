"""Who called what and what happened: CloudTrail's event history, and the engines' own notes."""
