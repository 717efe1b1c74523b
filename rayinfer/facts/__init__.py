"""What is known about a program's names, flow and effects."""
