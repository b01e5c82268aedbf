"""All statements of api."""
