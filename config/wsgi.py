"""The WSGI application that granian or gunicorn serves."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

# Short turns for threads: a cheap page must not wait 5 ms behind each of the others that are being made.
sys.setswitchinterval(0.0005)

application = get_wsgi_application()
