"""What the Makefile runs: set-up, the local emulator, the engine. Standard library only."""
