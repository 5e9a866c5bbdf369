"""Run the `strangler` command as `python -m strangler`."""

import sys

from strangler.cli import main

if __name__ == "__main__":
    sys.exit(main())
