"""What an isolated line runs: `python -I -S …/cognito_credproc/run.py --profile NAME`.

`-I` shuts out PYTHONPATH, the user's site folder and the working directory, `-S` the search for
packages, which costs a third of a bare start. So the folder of this package is named here, last,
and nothing in it can stand in for a module of the standard library.
"""

import sys

sys.path.append(__file__[: -len("/cognito_credproc/run.py")])

from cognito_credproc.hit import main

if __name__ == "__main__":
    main()
