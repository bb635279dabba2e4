"""The installed commands, run as people and SDKs run them."""
