"""The Django project that dj-stripe needs: nothing but dj-stripe, on the database and the fake that the environment names."""

import os
from urllib.parse import urlsplit

DATABASE = urlsplit(os.environ["PEER_DATABASE"])
SECRET_KEY = "a key of tests"
USE_TZ = True
ROOT_URLCONF = "urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "djstripe"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE.path.lstrip("/"),
        "USER": DATABASE.username or "postgres",
        "PASSWORD": DATABASE.password or "",
        "HOST": DATABASE.hostname,
        "PORT": DATABASE.port or 5432,
    }
}
STRIPE_API_HOST = os.environ["PEER_STRIPE"]
STRIPE_TEST_SECRET_KEY = os.environ["PEER_KEY"]
STRIPE_LIVE_MODE = False
# dj-stripe's own default for new installations.
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
