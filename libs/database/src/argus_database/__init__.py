"""Tables, migrations and configuration writes."""
