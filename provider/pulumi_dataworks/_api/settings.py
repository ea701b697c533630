"""Where to call and how: from the stack's config, then the environment.

The order, for each setting: ``dataworks:*`` of the stack's config, ``alicloud:*`` (what users of
pulumi-alicloud have set already), then the environment, in both of its spellings.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from .._declaration.guardrails import NO_RAILS, Guardrails, parse_guardrails
from .._declaration.versions import V2020, VERSIONS
from .._exceptions import SettingsError
from .rate import DEFAULT_MAX_QPS
from .regions import endpoint_of

NAMESPACE = "dataworks"
KEYS = (
    "accessKey",
    "apiVersion",
    "connectTimeout",
    "endpoint",
    "guardrails",
    "logFile",
    "maxQps",
    "preflight",
    "profile",
    "projectId",
    "readTimeout",
    "region",
    "secretKey",
    "securityToken",
    "settleWindow",
)
_SHARED_KEYS = ("accessKey", "profile", "region", "secretKey", "securityToken")

PREFLIGHT = ("auto", "required", "off")
PREFLIGHT_VARIABLE = "DATAWORKS_PREFLIGHT"
API_VERSION_VARIABLE = "DATAWORKS_API_VERSION"
ENDPOINT_VARIABLES = ("DATAWORKS_ENDPOINT", "ALIBABA_CLOUD_DATAWORKS_ENDPOINT")
REGION_VARIABLES = (
    "ALIBABA_CLOUD_REGION_ID",
    "ALICLOUD_REGION_ID",
    "ALIBABA_CLOUD_REGION",
    "ALICLOUD_REGION",
)

_NUMBER = r"\d{1,9}(?:\.\d{1,9})?"
_DURATION = re.compile(rf"(?:{_NUMBER}\s*(?:ms|s|m|h|d)\s*)+|{_NUMBER}", re.ASCII)
_PART = re.compile(rf"({_NUMBER})\s*(ms|s|m|h|d)?", re.ASCII)
#: A socket takes no wait of any length; nobody means more than a day.
_LONGEST = 86400.0
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True)
class Settings:
    """Where to call, how often, and how long to wait.

    Durations are in seconds. ``max_qps`` is how many calls may begin in a second. ``region`` may be
    empty where an ``endpoint`` is given; ``project_id`` is the workspace's ID, digits, or None
    where it is to be read from a node. ``api_version`` is the one with which backfills are launched
    that name none. ``log_file`` gets a line for every call. ``preflight`` says
    whether the workspace is read before a launch: ``auto`` where it can be, ``required``, ``off``.
    """

    region: str
    endpoint: str
    project_id: str | None = None
    connect_timeout: float = 5.0
    read_timeout: float = 10.0
    settle_window: float = 60.0
    max_qps: float = DEFAULT_MAX_QPS[V2020]
    api_version: str = V2020
    log_file: Path | None = None
    preflight: str = "auto"
    guardrails: Guardrails = NO_RAILS


def load_settings(config: Mapping[str, str], environment: Mapping[str, str]) -> Settings:
    """Reads the settings, and reports everything that is wrong with them at once.

    :param config: the stack's whole config, keys as ``namespace:key``, values as text.
    :raises SettingsError: naming each key that is wrong, and what is accepted.
    """
    problems = [*_unknown_keys(config)]
    region_key, region = _first(
        *_each(config, f"{NAMESPACE}:region", "alicloud:region"),
        *_each(environment, *REGION_VARIABLES),
    )
    endpoint_key, endpoint = _first(
        *_each(config, f"{NAMESPACE}:endpoint"), *_each(environment, *ENDPOINT_VARIABLES)
    )
    if region and not re.fullmatch(r"[a-z0-9-]+", region):
        problems.append(f"{region_key} must be a region ID like cn-shanghai; got {region!r}")
    if not region and not endpoint:
        problems.append(
            "dataworks:region is missing: set it (pulumi config set dataworks:region cn-shanghai), "
            f"or alicloud:region, or one of {', '.join(REGION_VARIABLES)}"
        )
    project_id = config.get(f"{NAMESPACE}:projectId") or None
    if project_id and not re.fullmatch(r"[1-9][0-9]{0,18}", project_id):
        problems.append(
            f"dataworks:projectId must be the workspace's ID, digits; got {project_id!r}"
        )
    api_version = _api_version(config, environment, problems)
    settings = Settings(
        region=region,
        endpoint=_endpoint(endpoint_key, endpoint, problems) if endpoint else endpoint_of(region),
        project_id=project_id,
        connect_timeout=_seconds(config, "connectTimeout", Settings.connect_timeout, problems),
        read_timeout=_seconds(config, "readTimeout", Settings.read_timeout, problems),
        settle_window=_seconds(config, "settleWindow", Settings.settle_window, problems),
        max_qps=_max_qps(config, api_version, problems),
        api_version=api_version,
        log_file=_log_file(config.get(f"{NAMESPACE}:logFile"), problems),
        preflight=_preflight(config, environment, problems),
        guardrails=_guardrails(config.get(f"{NAMESPACE}:guardrails"), problems),
    )
    if problems:
        raise SettingsError("; ".join(problems))
    return settings


def parse_duration(text: str) -> float:
    """Gives the seconds of a duration like ``90``, ``90s``, ``1.5m``, ``1h30m`` or ``1d``.

    :raises ValueError: for any other text.
    """
    if _DURATION.fullmatch(text.strip()) is None:
        raise ValueError(text)
    return sum(float(number) * _SECONDS[unit or "s"] for number, unit in _PART.findall(text))


def _unknown_keys(config: Mapping[str, str]) -> Iterable[str]:
    for key in sorted(config):
        namespace, _, name = key.partition(":")
        if namespace == NAMESPACE and name not in KEYS:
            yield f"{key} is not a setting; accepted are {', '.join(KEYS)}"


def _endpoint(key: str, text: str, problems: list[str]) -> str:
    """Gives the base URL. Plain http is for the loopback interface only: it would bare the data."""
    parts = _base_url(text if "://" in text else f"https://{text}")
    if parts is None:
        problems.append(f"{key} must be a host, or https://host[:port] without a path")
        return ""
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        problems.append(
            f"{key} must use https: plain http is accepted for the loopback interface only "
            f"(127.0.0.1, localhost, ::1); got {text!r}"
        )
    return f"{parts.scheme}://{parts.netloc}"


def _base_url(url: str) -> SplitResult | None:
    """Takes a base URL apart; None if it is none. It may hold a password: it is not to be shown."""
    try:
        parts = urlsplit(url)
        good_port = parts.port != 0
    except ValueError:
        return None
    bare = parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
    good_host = re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+", parts.hostname or "")
    good = parts.scheme in ("http", "https") and good_host and good_port and bare
    return parts if good else None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _seconds(config: Mapping[str, str], key: str, default: float, problems: list[str]) -> float:
    text = config.get(f"{NAMESPACE}:{key}")
    if text is None:
        return default
    try:
        seconds = parse_duration(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _LONGEST or (seconds == 0 and key != "settleWindow"):
        problems.append(
            f"dataworks:{key} must be a duration like 10s or 2m, at most 1d; got {text!r}"
        )
    return seconds


def _max_qps(config: Mapping[str, str], api_version: str, problems: list[str]) -> float:
    text = config.get(f"{NAMESPACE}:maxQps")
    if text is None:
        return DEFAULT_MAX_QPS.get(api_version, min(DEFAULT_MAX_QPS.values()))
    try:
        calls = float(text)
    except ValueError:
        calls = 0.0
    if not 0.1 <= calls <= 1000:
        problems.append(
            f"dataworks:maxQps must be a number of calls a second, 0.1 to 1000; got {text!r}"
        )
    return calls


def _api_version(
    config: Mapping[str, str], environment: Mapping[str, str], problems: list[str]
) -> str:
    key, text = _first(
        *_each(config, f"{NAMESPACE}:apiVersion"), *_each(environment, API_VERSION_VARIABLE)
    )
    if text and text not in VERSIONS:
        problems.append(f"{key} must be {' or '.join(VERSIONS)}; got {text!r}")
    return text or Settings.api_version


def _preflight(
    config: Mapping[str, str], environment: Mapping[str, str], problems: list[str]
) -> str:
    key, text = _first(
        *_each(config, f"{NAMESPACE}:preflight"), *_each(environment, PREFLIGHT_VARIABLE)
    )
    if text and text not in PREFLIGHT:
        problems.append(f"{key} must be {', '.join(PREFLIGHT)}; got {text!r}")
    return text or Settings.preflight


def _guardrails(text: str | None, problems: list[str]) -> Guardrails:
    if not text:
        return NO_RAILS
    guardrails, wrong = parse_guardrails(text)
    problems += wrong
    return guardrails


def _log_file(text: str | None, problems: list[str]) -> Path | None:
    if not text:
        return None
    path = Path(text)
    with contextlib.suppress(RuntimeError):  # nobody's home: a folder that does not exist
        path = path.expanduser()
    if path.is_dir() or not path.absolute().parent.is_dir():
        problems.append(f"dataworks:logFile must be a file in a folder that exists; got {text!r}")
    return path


def _each(source: Mapping[str, str], *names: str) -> Iterable[tuple[str, str | None]]:
    return ((name, source.get(name)) for name in names)


def _first(*candidates: tuple[str, str | None]) -> tuple[str, str]:
    """The first text that is there, with the name that it has where it was found."""
    return next(((name, text) for name, text in candidates if text), ("", ""))
