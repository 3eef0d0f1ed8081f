"""The routes of the REST API, one module per kind of resource; both versions share them."""
