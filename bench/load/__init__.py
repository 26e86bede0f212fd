"""The load: virtual users walk the whole journey while every service is restarted under them."""
