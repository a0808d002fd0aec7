"""Every setting of Tocsin. Each environment variable is documented in docs/settings.md (a test holds it).

`DEBUG` is off, no secret has a default: keys come from `lib/keys.py` and are made by `tocsin init` or `make run`.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from tocsin.lib import env, keys

BASE = Path(__file__).resolve().parent
TOCSIN_HOME = keys.home()

# what this process is: `all` (one machine, SQLite), `door` (public pages only), `console`, `worker`
TOCSIN_ROLE = env.text("TOCSIN_ROLE", "all")

DEBUG = False
# the door signs with its own secret and has no sessions; it never learns the console's
SECRET_KEY = keys.optional("door.secret" if TOCSIN_ROLE == "door" else "console.secret")
ALLOWED_HOSTS = env.words("TOCSIN_HOSTS", "localhost")
TRUSTED_ORIGINS = env.words("TOCSIN_ORIGINS")
CSRF_TRUSTED_ORIGINS = TRUSTED_ORIGINS
# where recipients and reporters reach the door, used in links that leave by mail
PUBLIC_URL = env.text("TOCSIN_PUBLIC_URL", "http://localhost:8000").rstrip("/")
BEHIND_TLS = env.boolean("TOCSIN_BEHIND_TLS", PUBLIC_URL.startswith("https://"))

# proxies that are believed when they name the sender's address (lib/throttle.py): addresses or networks
TRUSTED_PROXIES = env.words("TOCSIN_TRUSTED_PROXIES")
# this hotline's onion service: announced to Tor Browser; requests to it have no address
ONION_HOST = env.text("TOCSIN_ONION_HOST").lower()
# above it, equal texts share a body and senders do a little work first; no tip is refused
STORM_TIPS_PER_MINUTE = env.integer("TOCSIN_STORM_TIPS_PER_MINUTE", 600)

HOTLINE_NAME = env.text("TOCSIN_NAME", "Tocsin demonstration hotline")
HOTLINE_COUNTRY = env.text("TOCSIN_COUNTRY", "")
DEMONSTRATION = env.boolean("TOCSIN_DEMONSTRATION", False)
QUICK_EXIT_URL = env.text("TOCSIN_QUICK_EXIT_URL", "https://www.wikipedia.org/")
# the organisation, as imprint and privacy notice name it; an address may have lines, parted by |
ORGANISATION = env.text("TOCSIN_ORGANISATION")
ORGANISATION_ADDRESS = env.text("TOCSIN_ORGANISATION_ADDRESS")
ORGANISATION_CONTACT = env.text("TOCSIN_ORGANISATION_CONTACT")
PRIVACY_CONTACT = env.text("TOCSIN_PRIVACY_CONTACT")
LEGAL_BASIS = env.text("TOCSIN_LEGAL_BASIS")
SECURITY_CONTACT = env.text("TOCSIN_SECURITY_CONTACT")
# own words for public pages: NAME.LANGUAGE.txt; own logo (SVG or PNG) and colour (#rrggbb)
PAGES_DIR = env.optional_path("TOCSIN_PAGES_DIR")
LOGO = env.optional_path("TOCSIN_LOGO")
COLOUR = env.text("TOCSIN_COLOUR")
# platform files of the hotline's own, beside the built-in ones (identifiers/extract/platforms/README.md)
PLATFORMS_DIR = env.optional_path("TOCSIN_PLATFORMS_DIR")

SMTP_HOST = env.text("TOCSIN_SMTP_HOST")
SMTP_PORT = env.integer("TOCSIN_SMTP_PORT", 25)
SMTP_USER = env.text("TOCSIN_SMTP_USER")
SMTP_PASSWORD = env.secret("TOCSIN_SMTP_PASSWORD")
SMTP_TLS = env.text("TOCSIN_SMTP_TLS", "none")  # none (loopback), starttls, tls
MAIL_FROM = env.text("TOCSIN_MAIL_FROM", "notices@hotline.example")
MAIL_DOMAIN = MAIL_FROM.rpartition("@")[2] or "hotline.example"
# the mailbox that the public writes to (tips/mail/); not read while no host is named
IMAP_HOST = env.text("TOCSIN_IMAP_HOST")
IMAP_PORT = env.integer("TOCSIN_IMAP_PORT", 993)
IMAP_TLS = env.choice("TOCSIN_IMAP_TLS", "tls", "starttls", "none")
IMAP_USER = env.text("TOCSIN_IMAP_USER")
IMAP_PASSWORD = env.secret("TOCSIN_IMAP_PASSWORD")
IMAP_FOLDER = env.text("TOCSIN_IMAP_FOLDER", "INBOX")
IMAP_ADDRESS = env.text("TOCSIN_IMAP_ADDRESS", IMAP_USER if "@" in IMAP_USER else "")
IMAP_AUTHSERV = env.text("TOCSIN_IMAP_AUTHSERV")  # whose Authentication-Results are believed
IMAP_AFTER = env.choice("TOCSIN_IMAP_AFTER", "delete", "keep")
IMAP_EVERY_SECONDS = max(1, env.integer("TOCSIN_IMAP_EVERY_SECONDS", 60))
MAIL_RECEIPT = env.boolean("TOCSIN_MAIL_RECEIPT", True)
# a chat bot (tips/chat/); off while no token is set
TELEGRAM_TOKEN = env.secret("TOCSIN_TELEGRAM_TOKEN")
TELEGRAM_URL = env.text("TOCSIN_TELEGRAM_URL", "https://api.telegram.org").rstrip("/")
# who is called when a case becomes immediate (cases/alarms.py)
ALARM_MINUTES = max(1, env.integer("TOCSIN_ALARM_MINUTES", 5))
ALARM_UNHEARD_MINUTES = max(1, env.integer("TOCSIN_ALARM_UNHEARD_MINUTES", 15))
DUTY_ZONE = env.zone("TOCSIN_DUTY_ZONE")
CONSOLE_URL = env.text("TOCSIN_CONSOLE_URL", PUBLIC_URL).rstrip("/")  # where people on duty reach the console
REPLY_LINK_DAYS = env.integer("TOCSIN_REPLY_LINK_DAYS", 90)
FIGURES_EVERY_HOURS = env.integer("TOCSIN_FIGURES_EVERY_HOURS", 24)


def _database(url: str) -> dict[str, object]:
    """`DATABASE_URL` as Django wants it; empty: SQLite (WAL) under TOCSIN_HOME."""
    if not url or url.startswith("sqlite"):
        name = unquote(urlsplit(url).path) if url else str(TOCSIN_HOME / "tocsin.sqlite3")
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": name,
            "CONN_MAX_AGE": None,  # opening the file and its pragmas cost more than taking a tip
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                # secure_delete: an identifier that turns out to be a child's is overwritten, not only unlinked
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise env.SettingError("DATABASE_URL must begin with postgresql:// or sqlite:///")
    host = unquote(parts.hostname or "")
    options = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or env.secret("DATABASE_PASSWORD")),
        "HOST": unquote(options.pop("host", host)),
        "PORT": str(parts.port or options.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "OPTIONS": options,
    }


DATABASES = {"default": _database(env.secret("DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ROOMS = [
    "tocsin.lib",
    "tocsin.audit",
    "tocsin.accounts",
    "tocsin.post",
    "tocsin.identifiers",
    "tocsin.tips",
    "tocsin.linking",
    "tocsin.cases",
    "tocsin.review",
    "tocsin.directory",
    "tocsin.dispatch",
    "tocsin.outcomes",
    "tocsin.statistics",
    "tocsin.server",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *ROOMS,
]
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "cases:queue"

MIDDLEWARE = [
    "tocsin.server.headers.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "tocsin.lib.language.Language",
]
if TOCSIN_ROLE != "door":
    MIDDLEWARE += [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "tocsin.accounts.language.UserLanguage",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]

ROOT_URLCONF = {
    "door": "tocsin.server.urls_door",
    "console": "tocsin.server.urls_console",
}.get(TOCSIN_ROLE, "tocsin.server.urls")
WSGI_APPLICATION = "tocsin.server.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "tocsin.server.context.hotline",
                *(
                    []
                    if TOCSIN_ROLE == "door"
                    else [
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                ),
            ],
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("fr", _("French")),
    ("zh-hans", _("Simplified Chinese")),
    ("ar", _("Arabic")),
]
# the console is translated whole into these; the public pages into all
CONSOLE_LANGUAGES = LANGUAGES[:3]
LOCALE_PATHS = [BASE / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["tocsin.server.formats"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = TOCSIN_HOME / "static"
STATICFILES_DIRS: list[Path] = []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # uploads do not exist
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_HANDLERS = ["tocsin.lib.uploads.Refuse"]  # no media, ever: a file part is thrown away unread
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/console/"  # the public pages set and receive no cookie
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "tocsin.server.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

# no request line, address or exception message with content is logged: see docs/operate.md
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"no_content": {"()": "tocsin.server.logs.NoContent"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["no_content"]}
    },
    "root": {"handlers": ["stderr"], "level": env.text("TOCSIN_LOG_LEVEL", "WARNING")},
    "loggers": {"django.request": {"level": "ERROR"}, "django.security": {"level": "ERROR"}},
}
SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # checked by Django only for its own CSRF middleware position; the door has no cookies
]
