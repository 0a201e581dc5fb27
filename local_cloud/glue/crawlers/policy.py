"""Policies of a crawler: what it may change in the catalog, and which folders it reads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

UPDATE, LOG = "UPDATE_IN_DATABASE", "LOG"
DELETE, DEPRECATE = "DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE"
EVERYTHING, NEW_FOLDERS = "CRAWL_EVERYTHING", "CRAWL_NEW_FOLDERS_ONLY"


class UnsupportedPolicyError(Exception):
    """The local cloud does not support this policy of the crawler."""


@dataclass(frozen=True)
class CrawlPolicy:
    """A crawler's schema change policy, recrawl policy and partition behaviour.

    Parameters
    ----------
    updates, deletes, deprecates
        What happens to a table or partition that changed, or whose objects were deleted. If none is set, the crawler
        only logs the change.
    inherits
        Partitions have the columns of their table.
    indexes
        A new table with partitions gets an index of them.
    only_new_folders
        Registered folders are skipped, and registered tables and partitions are not changed.
    """

    updates: bool
    deletes: bool
    deprecates: bool
    inherits: bool
    indexes: bool
    only_new_folders: bool

    @classmethod
    def of(cls, crawler: dict[str, Any]) -> CrawlPolicy:
        """Return the policy of a crawler.

        Source: AWS Glue API, SchemaChangePolicy (defaults) and RecrawlPolicy; AWS Glue Developer Guide, "Scheduling
        incremental crawls": new folders only makes both behaviours LOG.

        Raises
        ------
        UnsupportedPolicyError
            The recrawl policy is not supported.
        """
        changes = crawler.get("SchemaChangePolicy") or {}
        recrawl = (crawler.get("RecrawlPolicy") or {}).get("RecrawlBehavior", EVERYTHING)
        if recrawl not in {EVERYTHING, NEW_FOLDERS}:
            msg = f"The local cloud crawls with {EVERYTHING} or {NEW_FOLDERS}; this crawler's policy is {recrawl}"
            raise UnsupportedPolicyError(msg)
        is_new_only = recrawl == NEW_FOLDERS
        deletion = LOG if is_new_only else changes.get("DeleteBehavior", DEPRECATE)
        return cls(
            updates=not is_new_only and changes.get("UpdateBehavior", UPDATE) == UPDATE,
            deletes=deletion == DELETE,
            deprecates=deletion == DEPRECATE,
            inherits="InheritFromTable" in (crawler.get("Configuration") or ""),
            indexes=json.loads(crawler.get("Configuration") or "{}").get("CreatePartitionIndex", True),
            only_new_folders=is_new_only,
        )
