"""Run `python -m codemods` like the `codemods` command."""

import sys

from codemods.cli import main

if __name__ == "__main__":
    sys.exit(main())
