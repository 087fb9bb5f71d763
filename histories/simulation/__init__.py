"""Deterministic simulation: the lock code of live runs, in virtual time, on simulated nodes."""
