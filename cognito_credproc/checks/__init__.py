"""The checks of `doctor`, a small file each: what it looks at, and what it says about it.

A check is a generator of findings. It may raise any of our errors: that is a finding as well, with
the error's hint for the mend. `examination` knows their order and how long each may take.
"""
