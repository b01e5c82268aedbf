"""The pure rules: fold, filter, timeslot, profile."""
