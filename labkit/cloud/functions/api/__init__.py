"""Lambda's control plane: the calls that make, change and describe functions."""
