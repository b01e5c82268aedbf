"""Records, topics and the words of the domain."""
