"""The commands for people, a file each: what it takes, and what it does.

Each has `add`, which gives the verb to the parser, and a function that does it. A file here is
imported for every command line that is not a plain one, `--help` among them, so that what a verb
needs beyond the parser is imported when it runs.
"""
