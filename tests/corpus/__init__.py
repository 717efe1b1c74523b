"""The corpus programs: what they are rewritten to, and that they give what plain Ray gives."""
