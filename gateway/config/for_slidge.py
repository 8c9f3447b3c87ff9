"""What slidge's own core has to know of the configuration: its module of globals, filled."""

from __future__ import annotations

from typing import Any

from slixmpp.jid import JID

from gateway.config.sections import Config


def tell_slidge(config: Config) -> None:
    """Set the globals of slidge.core.config. To be done before anything of slidge is used.

    COMPAT: slidge 0.4.2 has no other way of being configured; its options that are not here
    are about groups, logging or a command line, which are Sluice's.
    """
    from slidge.core import config as slidge  # imports all of slidge, which not all commands need

    files, users, contacts = config.files, config.users, config.contacts
    attachments = config.attachments
    told: dict[str, Any] = {
        "LEGACY_MODULE": config.network.plugin or "gateway",
        "JID": JID(config.xmpp.jid),
        "SECRET": config.xmpp.secret,
        "SERVER": config.xmpp.host,
        "PORT": str(config.xmpp.port),
        "HOME_DIR": files.folder,
        "DB_URL": config.database.url,
        "ADMINS": tuple(JID(admin) for admin in users.admins),
        # A compiled pattern stays as it is, and this one matches whole addresses
        "USER_JID_VALIDATOR": users.allowed_pattern,
        "COMPONENT_NAME": config.network.name or None,
        "WELCOME_MESSAGE": users.welcome or None,
        "PARTIAL_REGISTRATION_TIMEOUT": users.registration_timeout_seconds,
        "QR_TIMEOUT": users.qr_timeout_seconds,
        "STRIP_LEADING_EMOJI_ADHOC": not users.command_emoji,
        "AVATAR_SIZE": contacts.avatar_max_pixels,
        "AVATAR_RESAMPLING_THREADS": contacts.avatar_threads,
        "IGNORE_DELAY_THRESHOLD": contacts.delay_threshold_seconds,
        "UPLOAD_SERVICE": attachments.upload_service or None,
        "UPLOAD_REQUESTER": attachments.upload_requester or config.xmpp.jid,
        "UPLOAD_URL_PREFIX": attachments.upload_url_prefix or None,
        "NO_UPLOAD_PATH": attachments.no_upload_path and str(attachments.no_upload_path),
        "NO_UPLOAD_URL_PREFIX": attachments.no_upload_url_prefix.rstrip("/") or None,
        "NO_UPLOAD_FILE_READ_OTHERS": attachments.no_upload_read_others,
        "USE_ATTACHMENT_ORIGINAL_URLS": attachments.use_original_urls,
        "ATTACHMENT_MAXIMUM_FILE_NAME_LENGTH": attachments.file_name_max,
        "FIX_FILENAME_SUFFIX_MIME_TYPE": attachments.fix_file_suffix,
        "CONVERT_STICKERS": attachments.convert_stickers,
    }
    if config.archive.keep_days:
        told["MAM_MAX_DAYS"] = config.archive.keep_days
    for name, value in told.items():
        setattr(slidge, name, value)
