"""Who calls, and what they may do: principals, policies, and the gate that every request passes."""
