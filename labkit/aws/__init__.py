"""The lab's AWS calls, one file a service; no other module of the lab half holds a boto3 client."""
