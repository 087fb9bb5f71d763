"""The checker decides whether a history is linearizable, and shows why."""
