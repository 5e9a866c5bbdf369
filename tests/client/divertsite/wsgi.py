"""One provider as a server of its own: DIVERTSITE_PROVIDER names it."""

import os

from strangler.client import serving

application = serving.application(os.environ["DIVERTSITE_PROVIDER"])
