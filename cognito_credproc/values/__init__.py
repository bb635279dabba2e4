"""What is passed around: nothing here knows anything but itself."""
