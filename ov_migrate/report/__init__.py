"""What a run says: records, and one module per format made from them."""

from ov_migrate.report.records import FileRecord, Finding, Run

__all__ = ["FileRecord", "Finding", "Run"]
