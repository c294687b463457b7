"""Processing of images that nobody can trust, in a process of its own."""
