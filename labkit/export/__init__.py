"""The wanted state of the six steps as code: a CloudFormation template, Terraform configuration, or a CDK app."""
