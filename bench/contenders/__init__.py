"""Those who are measured against each other, each a process of its own that reads a topic into a collection."""
