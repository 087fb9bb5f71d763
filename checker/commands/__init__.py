"""The commands of the command line, one file each: ``add_to`` declares it, its parser's ``run`` does it."""
