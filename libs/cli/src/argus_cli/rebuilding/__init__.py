"""Giving a matcher back what it remembered, from the read model."""
