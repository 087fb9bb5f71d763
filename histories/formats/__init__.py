"""File formats of histories, one file each."""
