"""Identity, the adapter to Gosuslugi (ЕСИА), behind the port that `port` describes."""
