"""Finds credentials: the stack's config, the environment, then the official default chain.

They are looked for when a call is about to be made, never before: a preview does without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .._exceptions import CredentialsNotFound
from .signing import Credentials

if TYPE_CHECKING:
    from alibabacloud_credentials_api import ICredentialsProvider

CredentialSource = Callable[[], Credentials]

_ENVIRONMENT_SPELLINGS = (
    (
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_SECURITY_TOKEN",
    ),
    ("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_SECURITY_TOKEN"),
    ("ALICLOUD_ACCESS_KEY_ID", "ALICLOUD_ACCESS_KEY_SECRET", "ALICLOUD_SECURITY_TOKEN"),
)
_LOOKED_FOR = (
    "the stack's config (dataworks:accessKey with dataworks:secretKey, dataworks:profile, or the "
    "same under alicloud:), the environment (ALIBABA_CLOUD_ACCESS_KEY_ID with "
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALICLOUD_ACCESS_KEY with ALICLOUD_SECRET_KEY, or "
    "ALICLOUD_PROFILE), and the "
    "official default chain (OIDC, ~/.aliyun/config.json, ~/.alibabacloud/credentials.ini, the "
    "RAM role of an ECS instance, ALIBABA_CLOUD_CREDENTIALS_URI)"
)

#: What pulumi-alicloud makes of the same keys and profile another identity with. It is not done
#: here, and to launch as somebody else than is meant would be worse than to refuse.
_OTHER_IDENTITY = ("assumeRole", "assumeRoleWithOidc", "sharedCredentialsFile")


def find_credentials(config: Mapping[str, str], environment: Mapping[str, str]) -> CredentialSource:
    """Finds who gives the credentials, and asks once, so that a lack shows before any call.

    The result is called for every request: temporary credentials are renewed by their provider.

    :raises CredentialsNotFound: where no source has any. Nothing was sent.
    """
    source = (
        _from_config(config, "dataworks")
        or _from_config_of_alicloud(config)
        or _from_environment(environment)
        or _from_default_chain()
    )
    source()
    return source


def _from_config(config: Mapping[str, str], namespace: str) -> CredentialSource | None:
    key, secret = config.get(f"{namespace}:accessKey"), config.get(f"{namespace}:secretKey")
    if key and secret:
        token = config.get(f"{namespace}:securityToken") or None
        return _constant(Credentials(key, secret, token, f"{namespace}:accessKey"))
    if key or secret:
        missing = "secretKey" if key else "accessKey"
        raise CredentialsNotFound(
            f"{namespace}:{missing} is missing: accessKey and secretKey go together"
        )
    profile = config.get(f"{namespace}:profile")
    return _from_profile(profile) if profile else None


def _from_config_of_alicloud(config: Mapping[str, str]) -> CredentialSource | None:
    source = _from_config(config, "alicloud")
    keys = [f"alicloud:{name}" for name in _OTHER_IDENTITY]
    set_keys = [key for key in keys if config.get(key, "").strip() not in ("", "{}", "[]")]
    if source and set_keys:
        raise CredentialsNotFound(
            f"{' and '.join(set_keys)} can't be followed, and the alicloud:* credentials without "
            "would be another identity: set dataworks:profile, a profile of ~/.aliyun/config.json "
            "(its mode may be RamRoleArn), or dataworks:accessKey with dataworks:secretKey"
        )
    return source


def _from_environment(environment: Mapping[str, str]) -> CredentialSource | None:
    for key_name, secret_name, token_name in _ENVIRONMENT_SPELLINGS:
        key, secret = environment.get(key_name), environment.get(secret_name)
        if key and secret:
            token = environment.get(token_name) or None
            return _constant(Credentials(key, secret, token, f"the environment ({key_name})"))
    for key_name, secret_name, _ in _ENVIRONMENT_SPELLINGS:
        # To look on might find somebody else's.
        if bool(environment.get(key_name)) != bool(environment.get(secret_name)):
            missing = secret_name if environment.get(key_name) else key_name
            raise CredentialsNotFound(
                f"{missing} is missing in the environment: {key_name} and {secret_name} go together"
            )
    profile = environment.get("ALICLOUD_PROFILE")
    return _from_profile(profile) if profile else None


def _from_profile(profile: str) -> CredentialSource:
    from alibabacloud_credentials.provider import CLIProfileCredentialsProvider

    return _official(
        CLIProfileCredentialsProvider(profile_name=profile),
        f"no credentials in the profile {profile!r} of ~/.aliyun/config.json",
    )


def _from_default_chain() -> CredentialSource:
    from alibabacloud_credentials.provider import DefaultCredentialsProvider

    return _official(
        DefaultCredentialsProvider(), f"no credentials found. They were looked for in {_LOOKED_FOR}"
    )


def _official(provider: ICredentialsProvider, failure: str) -> CredentialSource:
    def credentials() -> Credentials:
        try:
            found = provider.get_credentials()
            key, secret = found.get_access_key_id(), found.get_access_key_secret()
        except Exception as error:  # the library raises many types, with no common root
            raise CredentialsNotFound(failure) from error
        if not key or not secret:
            raise CredentialsNotFound(failure)
        token = found.get_security_token() or None
        return Credentials(key, secret, token, str(found.get_provider_name()))

    return credentials


def _constant(credentials: Credentials) -> CredentialSource:
    return lambda: credentials
