"""The core: what happens in a session, as plain data and functions. No clock, thread, device or file."""
