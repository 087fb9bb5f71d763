"""The search of the compiled core once more in plain Python, file by file as the C++ is."""
