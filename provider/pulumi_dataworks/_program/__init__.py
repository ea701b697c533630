"""What works in the process of the user's program: the config, the options, the gate."""
