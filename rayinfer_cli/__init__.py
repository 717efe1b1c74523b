"""The `rayinfer` command: click, terminal and file handling; no analysis lives here."""
