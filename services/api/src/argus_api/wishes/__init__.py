"""Bodies of requests about configuration, read and refused as Argus does (specification 2.11, 2.12, 4.1).

What a body does not name is None; a `whole` body (POST, PUT) names all that is required.
"""
