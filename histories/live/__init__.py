"""Real servers and real clients: processes, their clocks, the links between them, worker clients."""
