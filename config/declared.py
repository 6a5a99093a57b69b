"""The settings there are: a row each, of name, default and help.

docs/settings.md is written from them, and a test fails when a row is missing there.
"""

from typing import NamedTuple


class Setting(NamedTuple):
    """One setting: its environment variable, default (None: required) and what it is for."""

    name: str
    default: str | None
    help: str


# Where the Department of Education publishes the files of the College Scorecard.
_SCORECARD = "https://ed-public-download.scorecard.network/downloads/"

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "ENVIRONMENT",
        "development",
        "`development` or `production`; production refuses to "
        "start with demonstration data, loopback destinations or unapproved consent texts.",
    ),
    Setting(
        "DATABASE_URL",
        None,
        "PostgreSQL, such as `postgresql://user@host/name`. "
        "`schoolmatch up` starts an embedded one when it is not set.",
    ),
    Setting(
        "REDIS_URL",
        None,
        "Redis or Valkey, such as `redis://host:6379/0`. "
        "`schoolmatch up` starts an embedded one when it is not set.",
    ),
    Setting("STORE", None, "Folder of catalog and ranker files, shared between machines."),
    Setting("PORT", "8000", "Port of the web server."),
    Setting("HOST", "127.0.0.1", "Address the web server listens on."),
    Setting("PUBLIC_URL", "", "Address people reach the service at; empty: http://HOST:PORT."),
    Setting(
        "ALLOWED_HOSTS",
        "",
        "Further host names that production answers to beside PUBLIC_URL's, comma separated, such "
        "as that of a load balancer's probe; any other is refused (400).",
    ),
    Setting(
        "APPROVED_TEXTS",
        "",
        "The mark of the consent texts that somebody who answers for them has approved; "
        "`schoolmatch check-deploy --texts` prints texts and mark. Production refuses to start "
        "without it, or with another one.",
    ),
    Setting("SECRET_KEY", None, "Signs cookies and form tokens; 32 random bytes, base64."),
    Setting(
        "MASTER_KEYS",
        None,
        "Wrap the data keys of persons and organizations: `id:base64` of "
        "32 random bytes, several comma separated; the first is used for new keys.",
    ),
    Setting("INDEX_KEY", None, "Key of blind indexes (HMAC); 32 random bytes, base64."),
    Setting("TOKEN_KEY", None, "Key of request tokens (HMAC); 32 random bytes, base64."),
    Setting(
        "RANKER_KEY",
        None,
        "Signs rankers (Ed25519), so that one made elsewhere never serves; 32 random bytes, "
        "base64.",
    ),
    Setting(
        "CHAIN_KEYS",
        None,
        "Sign the chains of consents and audit rows (Ed25519): `id:base64` of 32 random bytes, "
        "several comma separated; the first signs, one that signed before it endorses it.",
    ),
    Setting("ALLOW_LOOPBACK", "false", "Let deliveries go to this machine; production refuses it."),
    Setting(
        "DESTINATION_PORTS",
        "443",
        "Ports deliveries may connect to, comma separated; `any` is refused in production.",
    ),
    Setting(
        "SMTP_URL",
        "",
        "The mail server that takes our mail, such as `smtps://user:password@mail.example.org`; "
        "`smtp://` must offer STARTTLS unless it is on this machine. Empty: mail goes to MAILBOX.",
    ),
    Setting("MAIL_FROM", "schoolmatch@localhost", "The address that our mail is from."),
    Setting(
        "MAILBOX",
        "",
        "Folder that keeps mail while SMTP_URL is empty; production refuses it. "
        "Empty, too: mail waits.",
    ),
    Setting(
        "SFTP_PORTS",
        "22",
        "Ports that files may be put to by SFTP, comma separated; `any` is refused in production.",
    ),
    Setting(
        "SENDERS",
        "8",
        "Sender threads in each delivery worker, shared among processes: one a core, while each "
        "has four of them.",
    ),
    Setting(
        "CONTACT_BUDGET",
        "",
        "How many schools may begin to contact one student within how many hours, by channel, such "
        "as `call=3/24,text=3/24,email=10/24`; what is over it waits. Empty: no limit.",
    ),
    Setting("LEASE_SECONDS", "60", "How long a claimed delivery is held; more than 35."),
    Setting(
        "WORKER_METRICS_PORT",
        "0",
        "Port of a delivery worker's figures for Prometheus, on HOST; 0: none. "
        "Each worker of a machine needs its own.",
    ),
    Setting(
        "RETRAIN_HOURS",
        "24",
        "Hours between two training runs of the schedule; 0: only when somebody asks. "
        "What was trained waits until somebody promotes it.",
    ),
    Setting(
        "ATTRIBUTION_DAYS",
        "30",
        "Days after a page was served in which what happens is put down to it, in training; a "
        "request that no school answered by then counts as not accepted.",
    ),
    Setting(
        "IMPORTED_LOG_DAYS",
        "730",
        "Days that a log from elsewhere is kept after its import, for training; then the training "
        "worker removes it. 0: until somebody does.",
    ),
    Setting(
        "TRAINING_MEMORY_MIB",
        "2048",
        "Memory that reading the log for training may take, MiB; beyond it, files in STORE are "
        "used. Of each task, where DASK_SCHEDULER is set.",
    ),
    Setting(
        "DASK_SCHEDULER",
        "",
        "Address of a Dask scheduler whose workers read the log for training, such as "
        "`tcp://10.0.0.5:8786`; they need STORE under the same path. Empty: this machine reads.",
    ),
    Setting(
        "RETENTION_DAYS",
        "1826",
        "Days that a student's name, addresses and answers are kept after their request, as proof "
        "of what they agreed to; then nobody can read them any more. 0: until somebody erases "
        "them.",
    ),
    Setting(
        "SEARCH_DAYS",
        "730",
        "Days that searches and what was shown are kept, by whole months; nothing in them says who "
        "searched. 0: for good.",
    ),
    Setting(
        "EXPLORE_SHARE",
        "5",
        "Per cent of searches whose first page lets neighbours change places by chance, so that "
        "rankers can learn; 0: none. See docs/ranking.md.",
    ),
    Setting("RATE_PER_MINUTE", "120", "Searches and requests one address may make in a minute."),
    Setting(
        "API_RATE_PER_MINUTE",
        "1200",
        "Calls with an API key or a webhook's signature that one address may make in a minute; "
        "0: not limited.",
    ),
    Setting(
        "SENDING_LIMITS",
        "address=20/60,email=10/30,school=120/1200",
        "How many requests the form takes as ordinary from one address, for one student's e-mail "
        "and for one school: in a minute (more wait; for a school they want proof, as beyond an "
        "hour's) and in an hour (more want proof of work or the mailed link). Empty: no limit.",
    ),
    Setting(
        "FORM_SECONDS",
        "3",
        "A form sent sooner than this after its page was drawn is quick; beyond five quick ones "
        "from an address in an hour the page is shown again. 0: none is quick.",
    ),
    Setting(
        "PROOF_BITS",
        "15",
        "Work that the browser does while its student reads the last page: 2 to this power tries, "
        "on average. 0: none, and what seems odd always needs the mailed link.",
    ),
    Setting(
        "TRUSTED_PROXIES",
        "0",
        "How many proxies of ours stand before the web server; a visitor's address is read from "
        "X-Forwarded-For as far as these wrote it.",
    ),
    Setting("LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR."),
    Setting(
        "INSTITUTIONS_URL",
        f"{_SCORECARD}Most-Recent-Cohorts-Institution_06102026.zip",
        "Where `catalog fetch` finds the official institution file; it is renamed with each "
        "release.",
    ),
    Setting(
        "INSTITUTIONS_SHA256",
        "",
        "Its checksum, 64 hex digits: any other file is refused. Empty: not compared.",
    ),
    Setting(
        "FIELD_OF_STUDY_URL",
        f"{_SCORECARD}Most-Recent-Cohorts-Field-of-Study_06102026.zip",
        "Where `catalog fetch` finds the official field-of-study file.",
    ),
    Setting("FIELD_OF_STUDY_SHA256", "", "Its checksum, as above."),
    Setting(
        "DISTANCE_CODES",
        "1=online,2=campus,3=both",
        "What the field-of-study file's DISTANCE means; compare with the data dictionary of the "
        "release you import.",
    ),
)
