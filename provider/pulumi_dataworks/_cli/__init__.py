"""The command line, ``pulumi-dataworks``: one module for each command.

A command has a docstring, whose first line is its help, ``add_arguments(parser)`` and
``run(options)``, which gives the exit code. `main` lists the commands.
"""
