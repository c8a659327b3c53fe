# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one settings file. Everything that differs between installations is read from the environment.

An installation for the public sets PUBLIC_URL (https://vote.example) and DATABASE_URL, and REDIS_URL
when it runs more than one web process. Without PUBLIC_URL Folkmoot serves this machine only.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.database import settings_for
from config.hosts import local_hosts
from config.logs import configuration as log_configuration
from config.secret import read_or_make_secret

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))  # everything that this installation writes

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or read_or_make_secret(VAR_DIR / "secret_key")

KEYS_DIR = Path(
    env.str("KEYS_DIR", default=str(VAR_DIR / "keys"))
)  # keys of ballot boxes: a volume that no backup copies

# Where people reach us. With PUBLIC_URL everything is strict; without it, plain HTTP on this machine or its network.
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/")
HTTPS = PUBLIC_URL.startswith("https://")
if PUBLIC_URL:
    ALLOWED_HOSTS = [urlsplit(PUBLIC_URL).hostname or ""]
    ALLOWED_ORIGINS = [PUBLIC_URL]
else:
    ALLOWED_HOSTS = local_hosts(HOST)
    ALLOWED_ORIGINS = [f"http://{host}:{PORT}" for host in ALLOWED_HOSTS]
CSRF_TRUSTED_ORIGINS = ALLOWED_ORIGINS

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "channels",
    "csp",
    "django_htmx",
    "pgtrigger",
    "procrastinate.contrib.django",
    "rules.apps.AutodiscoverRulesConfig",
    "template_partials",
    "config",
    "accounts",
    "assemblies",
    "voting",
    "proposals",
    "meetings",
    "live",
    "ledger",
    "jobs",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.logs.RequestLogMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.headers.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.characters.NoNulMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.second_factor.SecondFactorMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # our labels, hints and errors: templates/django/forms

# PostgreSQL only. Without DATABASE_URL, manage.py and the tests start an embedded one and set it (config/database.py).
DATABASE_URL = env.str("DATABASE_URL", default="")
DATABASES = {"default": settings_for(DATABASE_URL, pool=env.int("DATABASE_POOL", default=20))}
DATABASES["default"]["TEST"] = {"NAME": env.str("TEST_DATABASE_NAME", default="test_folkmoot")}
REQUESTS_AT_ONCE = env.int(
    "REQUESTS_AT_ONCE", default=4
)  # in each web process: more threads only get in each other's way
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
CHANNEL_LAYERS = (
    {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}}
    if REDIS_URL
    else {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
)

# Rate limits are counted here, so several processes need the shared cache.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 50_000}}
}

# Who you are: an e-mail code for residents, passkey or TOTP besides for staff roles.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an account is made by the code that proves its address
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_LOGIN_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = 10  # the rate limit below is stricter
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
# A hall of 500 people shares one network address, so tries are counted by e-mail address ("key") and by account.
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "3000/h/ip,3/m/key,10/h/key,30/d/key",
    "confirm_login_code": "6000/h/ip,5/h/key",  # here the key is one sign-in: five tries for each code
    "login_failed": "3000/h/ip,5/5m/key",  # wrong second factors
    "reauthenticate": "10/m/user",
}
MFA_RATE_LIMITS = {"webauthn_login": "3000/h/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=1 if HTTPS else 0)  # who may set X-Forwarded-For
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.second_factor_forms.SecondFactorForm",
    "reauthenticate": "accounts.second_factor_forms.ProveAgainForm",
    "activate_totp": "accounts.second_factor_forms.AddAppForm",
    "add_webauthn": "accounts.second_factor_forms.AddPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # clocks may be half a minute apart
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # http://localhost
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=not DEMO)  # for staff roles
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# Security headers. Nothing is loaded from another host, no inline script or style.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from inside, without TLS
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

LANGUAGE_CODE = "en"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Brussels")
USE_TZ = True
FORMAT_MODULE_PATH = ["config.formats"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where it is missing
STATIC_IS_BUILT = (STATIC_ROOT / "staticfiles.json").exists()  # in the image; a checkout serves from the sources
WHITENOISE_USE_FINDERS = not STATIC_IS_BUILT
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_IS_BUILT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Mails: SMTP by EMAIL_URL; without it they are kept in VAR_DIR/mail, where the demo shows them.
MAIL = env.email_url("EMAIL_URL", default="filemail:")
vars().update(MAIL)
EMAIL_FILE_PATH = MAIL["EMAIL_FILE_PATH"] or VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="Folkmoot <no-reply@localhost>")

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"  # each app's jobs.py
LOGGING = log_configuration(as_json=env.bool("LOG_JSON", default=bool(PUBLIC_URL)))
