"""The order: a problem without engines and images, and its exact answer. Pure."""
