"""Locks decided without a search: exact procedures in near-linear time, with proofs a person can read."""
