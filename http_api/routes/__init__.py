"""The routes: a package an area, a file a resource."""
