"""Processing of untrusted images, in a process of its own."""
