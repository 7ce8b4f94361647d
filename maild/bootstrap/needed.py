"""Whether what maild cannot do without can be used: the database, the broker."""

from __future__ import annotations

from maild.config.model import Config


def check_store(config: Config) -> list[str]:
    """What is wrong with the database, in sentences; [] when it can be used."""
    from maild.bootstrap.parts import database_url
    from maild.errors import MaildError
    from maild.store.engine import Database
    from maild.store.migrate import current, newest

    config.desk.data.mkdir(parents=True, exist_ok=True)
    database = Database(database_url(config))
    try:
        version = current(database)
    except MaildError as error:
        return [str(error)]
    except ModuleNotFoundError as error:
        return [f"the driver is not installed: {error.name}; install maild[postgresql]"]
    finally:
        database.close()
    if version > newest():
        return [f"the database is at version {version}, newer than this maild knows ({newest()}): update maild"]
    return []


def check_broker(config: Config) -> list[str]:
    """What is wrong with the broker, in sentences; [] when it can be used."""
    from maild.worker.bells import probe

    return probe(config.worker.broker.get_secret_value())
