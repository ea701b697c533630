"""What each resource does in each step of its life: check, diff, create, update, read, delete."""
