"""Golden cases: small complete Ray programs, what they become, and that they run the same."""
