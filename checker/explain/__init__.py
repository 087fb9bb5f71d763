"""Why a history is not linearizable: a small counterexample, as data, and its renderings."""
