"""The operators' command line: what goes wrong, how far everyone is, what is parked, and the views' generations.

It looks into the services' databases and into Kafka and imports no service. What changes something is ordered here
and done by the services themselves.
"""
