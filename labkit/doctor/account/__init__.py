"""What is wrong with the AWS account, its credentials and the way to it: facts in, findings out."""
