"""CloudFormation: resources of stacks are made by the services' own calls, and undone when one of them fails."""
