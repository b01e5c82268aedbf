"""Stand-ins for the systems that glue services watch, and the glue services as processes."""
