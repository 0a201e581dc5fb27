"""Ways to do the same work, each in a module of its own with a class ``Contender``."""
