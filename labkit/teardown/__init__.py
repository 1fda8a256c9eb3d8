"""Teardown: what is ours is found, deleted in the order in which it depends on itself, and looked for once more."""
