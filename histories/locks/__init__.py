"""Lock algorithms, written once over a small transport."""
