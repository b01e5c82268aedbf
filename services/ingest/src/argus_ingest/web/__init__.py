"""HTTP: write requests about incidents, and reports by the thousand."""
