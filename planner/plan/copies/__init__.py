"""Copies of images in another form: where they go, how they are made, what they will be. Pure."""
