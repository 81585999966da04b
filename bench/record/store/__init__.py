"""The store: a database that every finished trial is committed to at once.

Any number of runs may use one store at a time. A trial is claimed before it is trained, so that two runs of one suite
share the work instead of doing it twice; a claim whose owner is gone or silent counts for nothing.

`Store` is what commands use; `RunStore` is a store as a run uses it: nothing that a run gives it is lost while the
database is locked, full or gone.
"""

from bench.record.integrity import Damage
from bench.record.store.claims import Claim, Holder, Taken
from bench.record.store.intake import Conflict, Imported
from bench.record.store.merging import Surveyed
from bench.record.store.run_store import RunStore
from bench.record.store.runs import RunLine
from bench.record.store.store import DEFAULT_STORE, Store, upgrade_store

__all__ = [
    "DEFAULT_STORE",
    "Claim",
    "Conflict",
    "Damage",
    "Holder",
    "Imported",
    "RunLine",
    "RunStore",
    "Store",
    "Surveyed",
    "Taken",
    "upgrade_store",
]
