"""The way in for machines: `/api/v1`, described by its own OpenAPI document (docs/api.md)."""
