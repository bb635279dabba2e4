"""The calls to AWS, and how their endpoints are reached."""
