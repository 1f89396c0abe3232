"""A hands-free, offline coach for massaging and stretching your own feet and lower legs."""

__version__ = "0.1.0"
