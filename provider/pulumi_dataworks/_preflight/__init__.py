"""Before a launch: what the workspace tells of a declaration, and what is wrong with it there."""
