"""The registry of remark codes: one file for each theme, each rule with its explanation, example and hint."""
