"""The examples for administrators, held to what they promise: templates, commands, profiles."""
