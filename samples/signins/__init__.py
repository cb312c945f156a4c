"""Parts of the generator of sample sign-ins; see `samples/generate_signins.py`."""
