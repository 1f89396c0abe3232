"""Train the small Vosk model that listens for commands; see `models/README.md`."""
