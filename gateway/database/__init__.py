"""One database, whatever it is made of: where to write, where to read, what can go wrong."""

from gateway.database.database import Database
from gateway.database.sql import insert, metadata
from gateway.database.times import micros, moment

__all__ = ["Database", "insert", "metadata", "micros", "moment"]
