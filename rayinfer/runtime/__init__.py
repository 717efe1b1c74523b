"""The nodes as a program uses them, and the backends that submit them to Ray."""
