"""Where the office lies and how its Prefect is set up. The environment is read here and nowhere deeper."""

import os
from pathlib import Path

from flows.prefect_database import vacuum_settings
from tasks.office import Office

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLES = REPOSITORY / "data" / "samples"
FLOW, UNDO_FLOW, PURGE_FLOW = "sop-anomali-data", "pembatalan", "pemusnahan"
REMINDER_FLOW, DEPLOYMENT = "pengingat", "kantor"
POLL_SECONDS = 1


def office() -> Office:
    """The office in SINKRON_HOME (default ``data/live`` of this checkout)."""
    return Office(Path(os.environ.get("SINKRON_HOME") or REPOSITORY / "data" / "live"))


def prefect_environment(home: Path, api_url: str) -> dict[str, str]:
    """The environment of every Prefect process of this office: loopback, SQLite, no telemetry, quiet unless asked."""
    return (
        {"PREFECT_LOGGING_LEVEL": "INFO", "PREFECT_SERVER_LOGGING_LEVEL": "WARNING"}
        | os.environ
        | {
            "PREFECT_HOME": str(home / "prefect"),
            "PREFECT_PROFILES_PATH": str(home / "prefect" / "profiles.toml"),
            "PREFECT_API_URL": api_url,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
            # At DEBUG the drivers below log every statement with its values: forms with codes and notes among them.
            "PREFECT_LOGGING_ROOT_LEVEL": "WARNING",
            "PREFECT_LOGGING_EXTRA_LOGGERS": "",
            "PREFECT_SERVER_DATABASE_ECHO": "false",
            "PREFECT_RUNNER_POLL_FREQUENCY": str(POLL_SECONDS),
            "PREFECT_TASKS_DEFAULT_PERSIST_RESULT": "false",
            "GX_ANALYTICS_ENABLED": "false",
            "SINKRON_HOME": str(home),
        }
        | vacuum_settings()
    )
