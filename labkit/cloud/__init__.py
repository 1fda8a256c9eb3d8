"""The local cloud: one process on loopback that answers AWS calls and does what they say."""
